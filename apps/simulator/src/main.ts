/**
 * The entry of the simulator process. It listens for signals before it loads anything else: the
 * first process of a container ignores signals that have no handler yet.
 */
// Files hold prompts and pictures: only the user of this process may read them.
process.umask(0o077);
// Until the simulator listens, a signal ends the process at once.
const stop = { request: (_reason: string): void => process.exit(0) };
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.request(signal));
// When started by a parent process, exit with it.
process.on('disconnect', () => stop.request('parent gone'));

const { runSimulator } = await import('./run.ts');
await runSimulator(process.env, (request) => (stop.request = request));
