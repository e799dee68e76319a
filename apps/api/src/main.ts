/** The entry of the API process. It listens for signals before it loads anything else. */
import { catchStopSignals } from '@kiln/shared/stop-signals';

// Files hold prompts, pictures and secrets: only the user of this process may read them.
process.umask(0o077);
const signals = catchStopSignals();
const { runApi } = await import('./run.ts');
await runApi(signals, process.env);
