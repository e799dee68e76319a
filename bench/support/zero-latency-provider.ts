/** A provider that answers every call at once with the same small picture: what a call takes then is its caller's work. A child process. */
import { createServer } from 'node:http';
import sharp from 'sharp';

const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#345' } })
  .png()
  .toBuffer();
const answer = JSON.stringify({
  created: 0,
  data: [{ b64_json: picture.toString('base64') }],
  output_format: 'png',
  quality: 'low',
  size: '1024x1024',
  usage: { input_tokens: 10, output_tokens: 272, total_tokens: 282 },
});
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) };

let calls = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ calls }));
    return;
  }
  calls += 1;
  request.resume().once('end', () => response.writeHead(200, headers).end(answer));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${address.port}` });
});
process.once('disconnect', () => process.exit(0));
