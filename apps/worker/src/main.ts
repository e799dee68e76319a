/** The entry of the worker process. It listens for signals before it loads anything else. */
import { catchStopSignals } from '@kiln/shared/stop-signals';

const signals = catchStopSignals();
const { runWorker } = await import('./run.ts');
await runWorker(signals, process.env);
