/**
 * A provider, as a child process, that answers every call at once with the same small picture, so
 * that the time of a call is the work of its caller.
 */
import { createServer } from 'node:http';
import sharp from 'sharp';
import { answerOf, serveAsChild } from './serve-as-child.ts';

const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#345' } })
  .png()
  .toBuffer();
const answer = answerOf(picture, 'low', 272);
const headers = { 'content-type': 'application/json', 'content-length': answer.length };

let calls = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ calls }));
    return;
  }
  calls += 1;
  request.resume().once('end', () => response.writeHead(200, headers).end(answer));
});
serveAsChild(server);
