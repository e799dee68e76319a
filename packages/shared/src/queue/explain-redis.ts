/**
 * Says in one sentence why Redis cannot be used: it refuses, it cannot be reached, or it does not
 * answer. The words of ioredis do not tell these apart: a client that was refused connects again
 * until a command has waited for too long. So the client's last error decides.
 */

import { connect } from 'node:net';
import type { RedisAddress, RedisHost } from '../config/redis-url.ts';

/** What Redis answers, and what to change. */
const refusals: readonly [words: RegExp, sentence: string][] = [
  [
    /^NOAUTH/,
    'asks for a password: put it in REDIS_URL (redis://user:password@host), or set REDIS_PASSWORD',
  ],
  [
    /^WRONGPASS|invalid password|invalid username-password/,
    'refuses the password: check the user and the password of REDIS_URL, or REDIS_PASSWORD',
  ],
  [
    /^-?DENIED|protected mode/,
    'is in protected mode, in which it serves only its own machine: set a password there, or ' +
      '"protected-mode no" where only Kiln can reach it',
  ],
  [
    /^NOPERM/,
    'does not allow its user what Kiln needs: all commands, and the keys that begin with kiln:',
  ],
  [/^-?(?:ERR )?max number of clients/, 'has no connection left: raise its maxclients'],
];

const greetingMs = 1_000;

/** ioredis gave a command up, because it has no connection. */
const gaveUp = /^(Command timed out|Connection is closed\.|Reached the max retries per request)/;

/** What ioredis puts before the words of a Sentinel. */
const bySentinel = /^All sentinels are unreachable.*Last error: /s;

/** Returns an error of one sentence where one of the errors is a refusal, else null. */
export function explainRefusal(...errors: (Error | null)[]): Error | null {
  for (const error of errors.flatMap(reasonsOf)) {
    const words = error.message.replace(bySentinel, '');
    const found = refusals.find(([pattern]) => pattern.test(words));
    if (found === undefined) continue;
    return bySentinel.test(error.message)
      ? new Error(`a Sentinel of REDIS_URL refuses: ${words}; ${ownPassword}`, { cause: error })
      : redisError(found[1], error);
  }
  return null;
}

const ownPassword = 'its own password is the parameter ?sentinel_password=… of REDIS_URL';

/**
 * Returns an error of one sentence. An error of another kind is returned as it is.
 * @param error what failed; null: there was no answer in time
 * @param connection why the client is not connected, if it knows
 */
export function explainRedis(error: unknown, connection: Error | null): Error {
  const given = error instanceof Error ? error : null;
  const refusal = explainRefusal(given, connection);
  if (refusal !== null) return refusal;
  if (given !== null && !gaveUp.test(given.message)) return given;
  const reasons = [...reasonsOf(given), ...reasonsOf(connection)];
  const unreachable = reasons.find(({ code }) => isUnreachable(code));
  return unreachable === undefined
    ? redisError('does not answer', given ?? connection)
    : redisError(`cannot be reached: ${unreachable.message}`, given ?? connection);
}

type Reason = Error & { code?: unknown; lastNodeError?: unknown };

/** The error, and what the node answered that a client of a cluster asked last. */
function reasonsOf(error: Reason | null): Reason[] {
  const { lastNodeError } = error ?? {};
  return [
    ...(error === null ? [] : [error]),
    ...(lastNodeError instanceof Error ? [lastNodeError] : []),
  ];
}

function isUnreachable(code: unknown): boolean {
  return typeof code === 'string' && code !== 'ETIMEDOUT';
}

/**
 * Asks a server why it closes connections. One in protected mode, or without a free connection,
 * says so as soon as it is connected to, and ioredis does not report it. Returns null for a server
 * that waits to be asked, as usual.
 */
export async function readRefusal(address: RedisAddress): Promise<Error | null> {
  const greetings = await Promise.all(hostsOf(address).map(readGreeting));
  return explainRefusal(...greetings.map((text) => new Error(text)));
}

function hostsOf(address: RedisAddress): RedisHost[] {
  if (address.kind !== 'server') return address.hosts;
  const { hostname, port } = new URL(address.url);
  return [{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6_379) }];
}

/** Returns what the server sends within a second without being asked. */
function readGreeting({ host, port }: RedisHost): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(greetingMs, () => end(''));
    socket.on('error', () => end(''));
    socket.on('close', () => resolve(''));
    socket.once('data', (bytes) => end(bytes.subarray(0, 1_000).toString('latin1')));
  });
}

function redisError(sentence: string, cause: Error | null): Error {
  return new Error(`Redis at REDIS_URL ${sentence}`, { cause });
}
