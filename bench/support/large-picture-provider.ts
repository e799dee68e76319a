/**
 * A provider, as a child process, that answers every call with the same large picture after a
 * varying delay, and reports when it handed the last byte of each answer to the system.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import sharp from 'sharp';
import { answerOf, serveAsChild } from './serve-as-child.ts';

const { BENCH_BYTES: bytes = '', BENCH_LATENCY_MS: latency = '' } = process.env;
const [shortest = 0, longest = 0] = latency.split('-').map(Number);
// Noise in three channels does not compress.
const edge = Math.round(Math.sqrt(Number(bytes) / 3));
const picture = await sharp(randomBytes(edge * edge * 3), {
  raw: { width: edge, height: edge, channels: 3 },
})
  .png({ compressionLevel: 0 })
  .toBuffer();
const answer = answerOf(picture, 'high', 4_160);
const headers = { 'content-type': 'application/json', 'content-length': answer.length };

const sentAt = new Map<string, number>();
let inFlight = 0;
let mostInFlight = 0;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ bytes: picture.length, mostInFlight, sentAt: [...sentAt] }));
    return;
  }
  inFlight += 1;
  mostInFlight = Math.max(mostInFlight, inFlight);
  const send = () =>
    response.writeHead(200, headers).end(answer, () => {
      inFlight -= 1;
      sentAt.set(
        String(request.headers['x-kiln-job-id']),
        performance.timeOrigin + performance.now(),
      );
    });
  request
    .resume()
    .once('end', () => setTimeout(send, shortest + Math.random() * (longest - shortest)));
});
serveAsChild(server);
