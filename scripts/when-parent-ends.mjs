/**
 * Ends a process that npm has started together with npm: npm and its shell do not pass every signal
 * on, and nothing tells a process that its parent was killed. Must run on Node.js 20 without any
 * dependency.
 */

const lookEveryMs = 250;

/**
 * Calls `end` once when the parent process has ended. Does nothing in a process that was started
 * without npm: it may outlive the shell that started it.
 *
 * @param {() => void} end
 */
export function whenParentEnds(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return; // the system gives an orphan another parent
    clearInterval(timer);
    end();
  }, lookEveryMs);
  timer.unref();
}
