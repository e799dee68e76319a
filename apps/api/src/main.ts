/** The entry of the API process. It listens for signals before it loads anything else. */
import { catchStopSignals } from '@kiln/shared/stop-signals';

const signals = catchStopSignals();
const { runApi } = await import('./run.ts');
await runApi(signals, process.env);
