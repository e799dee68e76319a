/** A script that waits until it is asked to stop, and says so. */
import { createServer } from 'node:net';

const running = createServer().listen(0, '127.0.0.1');
process.on('SIGTERM', () => {
  process.stdout.write('asked to stop\n');
  running.close();
});
process.stdout.write(`waiting ${process.pid}\n`);
