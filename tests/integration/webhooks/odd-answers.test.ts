/** Answers of receivers that HTTP does not allow, on a raw socket: the status decides. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { parseWebhookAllow } from '@kiln/shared/config/webhook-allow';
import { createEgress } from '@kiln/shared/webhooks/egress';
import { resolveHost } from '@kiln/shared/webhooks/resolve-host';
import { afterAll, expect, test } from 'vitest';

let answer: (socket: Socket) => void = () => undefined;
const server = createServer((socket) => {
  socket.on('error', () => undefined).once('data', () => answer(socket));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => void server.close());

const { port } = server.address() as AddressInfo;
const egress = createEgress({
  allowed: parseWebhookAllow('127.0.0.1', []),
  resolve: resolveHost,
});

function post() {
  return egress.post({
    url: `http://127.0.0.1:${port}/hook`,
    headers: { 'content-type': 'application/json' },
    body: '{}',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  });
}

const crlf = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join('');

/** What the receiver sends, and the excerpt that is kept (undefined: any). */
const delivered: [name: string, status: number, pieces: string[], excerpt?: string][] = [
  ['a 204 with a body', 204, [`${crlf('HTTP/1.1 204 No Content', '')}{"ok":true}`]],
  [
    'a 204 with a length and a body, as PHP sends it',
    204,
    [`${crlf('HTTP/1.1 204 No Content', 'Content-Length: 11', '')}{"ok":true}`],
  ],
  [
    'a 204 with a body in chunks, as Spring sends it',
    204,
    [
      crlf('HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked', ''),
      crlf('b', '{"ok":true}', '0', ''),
    ],
  ],
  ['a 204 whose body comes later', 204, [crlf('HTTP/1.1 204 No Content', ''), '<br />notice']],
  [
    'a body that is longer than its length',
    200,
    [`${crlf('HTTP/1.1 200 OK', 'Content-Length: 2', '')}ok and more`],
    'ok',
  ],
  [
    'a body that is shorter than its length',
    200,
    [`${crlf('HTTP/1.1 200 OK', 'Content-Length: 20', '')}ok`],
    'ok',
  ],
  [
    'chunks without sizes',
    200,
    [`${crlf('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '')}not a size\r\n`],
  ],
  [
    'a second answer after the first',
    200,
    [crlf('HTTP/1.1 200 OK', 'Content-Length: 0', ''), crlf('HTTP/1.1 500 Oops', '')],
  ],
  [
    'a false content encoding',
    202,
    [`${crlf('HTTP/1.1 202 Accepted', 'Content-Encoding: gzip', 'Content-Length: 2', '')}ok`],
    'ok',
  ],
  [
    'an offer of another protocol',
    200,
    [
      crlf('HTTP/1.1 200 OK', 'Upgrade: h2,h2c', 'Connection: Upgrade, close', 'Content-Length: 0'),
      crlf(''),
    ],
  ],
  [
    'informational answers first',
    204,
    [crlf('HTTP/1.1 100 Continue', '', 'HTTP/1.1 103 Early Hints', 'Link: <a>', '')].concat(
      crlf('HTTP/1.1 204 No Content', ''),
    ),
  ],
  [
    'a length beside chunks',
    200,
    [
      crlf('HTTP/1.1 200 OK', 'Content-Length: 2', 'Transfer-Encoding: chunked', ''),
      crlf('2', 'ok', '0', ''),
    ],
  ],
  [
    'two lengths',
    200,
    [`${crlf('HTTP/1.1 200 OK', 'Content-Length: 2', 'Content-Length: 3', '')}ok`],
  ],
  ['a length that is no number', 204, [crlf('HTTP/1.1 204 No Content', 'Content-Length: x', '')]],
  ['a header without a name', 200, [crlf('HTTP/1.1 200 OK', 'PHP Warning: oops in a.php', '')]],
  ['lines without carriage returns', 200, ['HTTP/1.1 200 OK\nServer: own\n\nok']],
  ['a head that is too long', 200, [crlf('HTTP/1.1 200 OK', `Cookie: ${'a'.repeat(20_000)}`, '')]],
  ['a status without a reason', 204, [crlf('HTTP/1.1 204', '')]],
];

test.each(delivered)('%s is an answer with status %i', async (_name, status, pieces, excerpt) => {
  answer = (socket) => {
    // Piece by piece, so that the parser meets them in separate packets.
    const send = ([piece, ...rest]: string[]): void => {
      if (piece === undefined) socket.end();
      else socket.write(piece, () => setImmediate(send, rest));
    };
    socket.setNoDelay(true);
    send(pieces);
  };
  const outcome = await post();
  expect(outcome).toMatchObject({ status: 'answered', httpStatus: status });
  if (excerpt !== undefined) expect(outcome).toMatchObject({ excerpt });
});

test('Retry-After counts in a head that the parser refuses', async () => {
  answer = (socket) =>
    socket.end(crlf('HTTP/1.1 503 Away', 'Retry-After: 7', 'Content-Length: x', ''));
  expect(await post()).toMatchObject({ httpStatus: 503, retryAfterMs: 7_000 });
});

test.each([
  ['a head that is cut off', 'HTTP/1.1 200 OK\r\nContent-', 'connection_lost'],
  ['no head', '', 'connection_lost'],
  ['another protocol', '220 mail.internal ESMTP\r\n', 'invalid_answer'],
  [
    'a change of protocol',
    crlf('HTTP/1.1 101 Switching', 'Connection: upgrade', 'Upgrade: x', ''),
    'invalid_answer',
  ],
])('%s is no answer', async (_name, text, error) => {
  answer = (socket) => socket.end(text);
  expect(await post()).toEqual({ status: 'failed', error });
});
