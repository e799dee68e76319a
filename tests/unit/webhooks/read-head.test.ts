/** The status of an answer whose head the HTTP parser refuses. */
import { readHead } from '@kiln/shared/webhooks/read-head';
import { expect, test } from 'vitest';

const nothing = { retryAfter: undefined };

test.each([
  ['HTTP/1.1 204 No Content\r\n', { httpStatus: 204, ...nothing }],
  ['HTTP/1.0 200\r\n\r\nbody', { httpStatus: 200, ...nothing }],
  ['HTTP/1.1 200 OK\nno colon\n\n', { httpStatus: 200, ...nothing }],
  ['HTTP/1.1 503 Away\r\na: b\r\nRetry-After: 7\r\n\r\n', { httpStatus: 503, retryAfter: '7' }],
  ['HTTP/1.1 200 OK\r\n\r\nretry-after: 7\r\n', { httpStatus: 200, ...nothing }],
  ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 N\r\n\r\n', { httpStatus: 204, ...nothing }],
  ['HTTP/1.1 103 Hints\r\nlink: <a>\r\n\r\nHTTP/1.1 410 Gone\r\n', { httpStatus: 410, ...nothing }],
  ['HTTP/1.1 103 Hints\r\nlink: <a>\r\n', null],
  ['HTTP/1.1 204 No Con', null],
  ['HTTP/1.1 101 Switching Protocols\r\n\r\n', null],
  ['HTTP/1.1 20 OK\r\n\r\n', null],
  ['HTTP/1.1 600 OK\r\n\r\n', null],
  ['HTTP/2 200\r\n\r\n', null],
  ['220 mail.internal ESMTP\r\n', null],
  ['', null],
])('%j is %j', (text, head) => {
  expect(readHead(Buffer.from(text))).toEqual(head);
});
