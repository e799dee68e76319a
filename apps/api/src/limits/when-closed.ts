/** Ends what a request holds, however its connection ends. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** What is left to do when a response closes. */
const actionsOf = new WeakMap<ServerResponse, (() => void)[]>();

/**
 * Calls `action` once, when the answer is sent or the caller disconnects; at once if it has. All
 * actions of a response share one listener, because Node.js takes more than ten for a leak.
 */
export function whenClosed({ raw }: Pick<FastifyReply, 'raw'>, action: () => void): void {
  if (raw.destroyed) {
    action();
    return;
  }
  const known = actionsOf.get(raw);
  if (known !== undefined) {
    known.push(action);
    return;
  }
  const actions = [action];
  actionsOf.set(raw, actions);
  raw.once('close', () => {
    for (const each of actions) each();
  });
}
