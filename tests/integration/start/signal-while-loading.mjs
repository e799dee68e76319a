/**
 * For `node --import`: sends SIGTERM to the process itself when it loads the first of our modules
 * that is not its entry and not what listens for signals.
 */
import { registerHooks } from 'node:module';

let isSent = false;
registerHooks({
  load(url, context, next) {
    if (!isSent && /\/src\/(?!main\.ts$|stop-signals\.ts$)[^?]*\.ts$/.test(url)) {
      isSent = true;
      process.kill(process.pid, 'SIGTERM');
    }
    return next(url, context);
  },
});
