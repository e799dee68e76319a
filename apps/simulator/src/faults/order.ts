/** Parses an order for faults from the body of `POST /_control/faults`. */
import { SettingsError } from '../settings.ts';
import { faults } from './catalogue.ts';
import { defaultIntervalMs, type FaultOrder } from './plan.ts';

const fields = ['fault', 'times', 'prompt_contains', 'paid', 'delay_ms', 'interval_ms'];

export function parseFaultOrder(input: unknown): FaultOrder {
  const order: Record<string, unknown> =
    typeof input === 'object' && input !== null ? { ...input } : {};
  const {
    fault,
    times = 1,
    prompt_contains = null,
    paid = null,
    delay_ms = 0,
    interval_ms = defaultIntervalMs,
  } = order;
  const mistakes = Object.keys(order)
    .filter((name) => !fields.includes(name))
    .map((name) => `${name}: unknown field; known are ${fields.join(', ')}.`);
  if (typeof fault !== 'string' || !faults.has(fault))
    mistakes.push(`fault: must be one of ${[...faults.keys()].join('; ')}.`);
  if (times !== null && !(isCount(times) && times > 0))
    mistakes.push('times: must be a whole number from 1, or null for every call.');
  if (prompt_contains !== null && typeof prompt_contains !== 'string')
    mistakes.push('prompt_contains: must be a text.');
  if (paid !== null && typeof paid !== 'boolean') mistakes.push('paid: must be true or false.');
  if (!isCount(delay_ms)) mistakes.push('delay_ms: must be a whole number.');
  if (!isCount(interval_ms)) mistakes.push('interval_ms: must be a whole number.');
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return {
    fault: String(fault),
    times: isCount(times) ? times : null,
    promptContains: typeof prompt_contains === 'string' ? prompt_contains : null,
    paid: typeof paid === 'boolean' ? paid : null,
    delayMs: Number(delay_ms),
    intervalMs: Number(interval_ms),
  };
}

export function toWireOrder({
  fault,
  times,
  promptContains,
  paid,
  delayMs,
  intervalMs,
}: FaultOrder) {
  return {
    fault,
    times,
    prompt_contains: promptContains,
    paid,
    delay_ms: delayMs,
    interval_ms: intervalMs,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
