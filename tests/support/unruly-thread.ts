/**
 * Stands in for the thread that inspects pictures, and misbehaves as the bytes of the picture say.
 */
import { parentPort } from 'node:worker_threads';

const hoard: unknown[] = [];
parentPort?.on('message', ({ pictures: [bytes] }: { pictures: Uint8Array[] }) => {
  switch (Buffer.from(bytes ?? []).toString()) {
    case 'throw':
      throw new Error('requested by the test');
    case 'throw later':
      setImmediate(() => {
        throw new Error('requested by the test');
      });
      break;
    case 'exit':
      process.exit(3);
      break;
    case 'fill the heap':
      for (;;) hoard.push(Array.from({ length: 1_000 }, (_, index) => ({ index })));
    case 'hang':
      for (;;) hoard.length = 0;
    case 'sleep':
      break;
    case 'run out of time':
      parentPort?.postMessage({ status: 'out_of_time' }, []);
      break;
    default:
      parentPort?.postMessage(
        { status: 'answered', answer: { status: 'answered' }, isSpent: false },
        [],
      );
  }
});
