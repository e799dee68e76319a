/**
 * Reads the body of an answer up to a limit: ten 4K images in base64 stay far below it, an endless
 * body does not.
 */

const maxBodyBytes = 512 * 1024 * 1024;

export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Yields the body as it arrives; throws when it is longer than any real answer. A consumer that
 * stops early closes the connection.
 */
export async function* readChunks(
  response: Response,
  onBytes: () => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    onBytes();
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error(`the answer is longer than ${maxBodyBytes} bytes`);
    yield chunk;
  }
}
