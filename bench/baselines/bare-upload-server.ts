/**
 * The baseline of `bench/upload.ts`: a child process with a Node server that hashes a body and
 * writes it durably to one file, and nothing else.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { serveAsChild } from '../support/serve-as-child.ts';

const path = join(process.env['KILN_DATA_DIR'] ?? '.', 'bare');
const server = createServer((request, response) => {
  void (async () => {
    const file = await open(path, 'w');
    const hash = createHash('sha256');
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await file.appendFile(chunk);
    }
    await file.datasync();
    await file.close();
    response.end(hash.digest('hex'));
  })();
});
serveAsChild(server);
