/**
 * The baseline of `bench/web.ts`: a child process that serves one page of text without scripts
 * (`/`), and a wall of as many pictures as a visitor scrolls through (`/wall`), whose loading is
 * left to the browser.
 */
import { createServer } from 'node:http';
import { serveAsChild } from '../support/serve-as-child.ts';
import { drawThumbnails } from '../web/thumbnails.ts';

const sentence = 'A bare page says as much as the first page of the studio, and does nothing. ';
const text = `<h1>A bare page</h1><p>${sentence.repeat(6)}</p>`;
const style = `body { font: 16px system-ui; margin: 40px 40px 40px 264px }
  img { width: 152px; height: 152px; margin: 4px; border-radius: 8px; object-fit: cover }`;
const wall = Array.from(
  { length: 2_000 },
  (_, index) => `<img src="/picture/${index}" alt="" loading="lazy" decoding="async">`,
).join('');

const thumbnails = await drawThumbnails();

serveAsChild(
  createServer(({ url = '/' }, response) => {
    const [, number] = /^\/picture\/(\d+)$/.exec(url) ?? [];
    if (number !== undefined) {
      response.writeHead(200, { 'content-type': 'image/webp', 'cache-control': 'max-age=3600' });
      response.end(thumbnails[Number(number) % thumbnails.length]?.bytes);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><html lang="en"><title>Bare</title><style>${style}</style>
      <body>${text}${url === '/wall' ? wall : ''}`);
  }),
);
