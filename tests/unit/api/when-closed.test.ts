import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { whenClosed } from '../../../apps/api/src/limits/when-closed.ts';

function createResponse(destroyed = false): ServerResponse {
  return Object.assign(new EventEmitter(), { destroyed }) as unknown as ServerResponse;
}

test('all actions of a response run once when it closes, on one listener', () => {
  const raw = createResponse();
  const done: number[] = [];
  for (let action = 0; action < 30; action += 1) whenClosed({ raw }, () => done.push(action));
  // Node.js warns from eleven on.
  expect(raw.listenerCount('close')).toBe(1);
  expect(done).toEqual([]);
  raw.emit('close');
  raw.emit('close');
  expect(done).toEqual(Array.from({ length: 30 }, (_, action) => action));
});

test('an action runs at once when the caller has already disconnected', () => {
  let runs = 0;
  whenClosed({ raw: createResponse(true) }, () => (runs += 1));
  expect(runs).toBe(1);
});
