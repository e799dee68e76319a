/** What `bench/upload.ts` compares with: a Node server that hashes a body and writes it to one file, durably, and nothing else. A child process. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

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
server.listen(0, '127.0.0.1', () => {
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.once('disconnect', () => process.exit(0));
