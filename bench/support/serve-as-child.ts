/**
 * Serves a bare HTTP server as a child process: it reports its address when it listens, and ends
 * with its parent.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export function serveAsChild(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    process.send?.({
      type: 'ready',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
  });
  process.once('disconnect', () => process.exit(0));
}

/** Builds a provider's answer of one picture. */
export function answerOf(picture: Buffer, quality: 'low' | 'high', outputTokens: number): Buffer {
  const inputTokens = 10;
  return Buffer.from(
    JSON.stringify({
      created: 0,
      data: [{ b64_json: picture.toString('base64') }],
      output_format: 'png',
      quality,
      size: '1024x1024',
      usage: {
        input_tokens: inputTokens,
        output_tokens: outputTokens,
        total_tokens: inputTokens + outputTokens,
      },
    }),
  );
}
