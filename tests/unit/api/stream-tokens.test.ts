/** Tokens of event streams: for how long and for what they are valid. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { buildStreamToken, checkStreamToken } from '../../../apps/api/src/plugins/stream-tokens.ts';

const [first, second] = ['first', 'second'].map((key) =>
  createHash('sha256').update(key).digest(),
) as [Buffer, Buffer];
const path = '/v1/batches/batch_1/events';
const { token, expiresAtSeconds } = buildStreamToken(second, path, 1_000);

test('a token is valid for a minute, and names the key that it was made with', () => {
  expect(expiresAtSeconds).toBe(1_060);
  for (const now of [1_000, 1_060])
    expect(checkStreamToken(token, [first, second], path, now)?.signer).toBe(second);
});

test('two tokens of the same second differ', () => {
  expect(buildStreamToken(second, path, 1_000).token).not.toBe(token);
});

test('another spelling of a token is the same token', () => {
  const last = token.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // The last character has two bits that belong to no byte.
  const spelled = `0${token.slice(0, -1)}${alphabet[alphabet.indexOf(last) ^ 1]}`;
  const ids = [token, spelled].map((given) => checkStreamToken(given, [second], path, 1_000)?.id);
  expect(ids[0]).toBeDefined();
  expect(ids[1]).toBe(ids[0]);
});

test.each<[string, string, Buffer[], string, number]>([
  ['after its minute', token, [first, second], path, 1_061],
  ['for another stream', token, [first, second], '/v1/batches/batch_2/events', 1_000],
  ['for all events', token, [first, second], '/v1/events', 1_000],
  ['when its key is no longer configured', token, [first], path, 1_000],
  ['with a later end', token.replace('1060', '9060'), [first, second], path, 1_000],
  [
    'with another number',
    token.replace(/\.[\w-]{16}\./, `.${'A'.repeat(16)}.`),
    [first, second],
    path,
    1_000,
  ],
  ['when it was shortened', token.slice(0, -1), [first, second], path, 1_000],
  ['when it is anything else', 'first', [first, second], path, 1_000],
])('a token is refused %s', (_when, given, hashes, stream, now) => {
  expect(checkStreamToken(given, hashes, stream, now)).toBeNull();
});
