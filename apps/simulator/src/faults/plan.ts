/**
 * Decides which fault a call meets: an order for its prompt first, then orders for any call, oldest
 * first, then chance. Looking has no effect: an order is consumed only when the caller says so, so
 * that a call refused by the quota leaves the plan unchanged.
 */
import { drawNumber } from '../random.ts';
import { faults, type Fault } from './catalogue.ts';

export interface FaultOrder {
  fault: string;
  /** How many calls it strikes; null: every call until the order is deleted. */
  times: number | null;
  /** Strikes only calls whose prompt contains this text. */
  promptContains: string | null;
  /** Overrides whether the lost picture is billed. */
  paid: boolean | null;
  /** Extra wait in milliseconds before the fault, in addition to the latency. */
  delayMs: number;
  /** Milliseconds between two bytes of `slow-body`. */
  intervalMs: number;
}

export interface Odds {
  seed: number;
  /** Probability of each fault, by name. */
  rates: Readonly<Record<string, number>>;
  /** Overrides the catalogue on whether a fault's lost picture is billed, by name. */
  paid: Readonly<Record<string, boolean>>;
}

export interface PlannedFault {
  fault: Fault;
  paid: boolean;
  delayMs: number;
  intervalMs: number;
  /** Consumes the order that named this fault; a fault that chance drew has nothing to consume. */
  strike(): void;
}

export interface FaultPlan {
  add(order: FaultOrder): void;
  list(): readonly FaultOrder[];
  clear(): void;
  /**
   * Returns the fault that the call meets, or null. Chance is drawn from `ordinal`; `prompt` is
   * null while the body has not been read.
   */
  look(prompt: string | null, ordinal: number, odds: Odds): PlannedFault | null;
}

export function createFaultPlan(): FaultPlan {
  let orders: FaultOrder[] = [];
  const use = (order: FaultOrder) => {
    if (order.times === null) return;
    order.times -= 1;
    if (order.times <= 0) orders = orders.filter((other) => other !== order);
  };
  return {
    add: (order) => void orders.push(order),
    list: () => orders,
    clear: () => {
      orders = [];
    },
    look(prompt, ordinal, odds) {
      const order =
        orders.find(
          ({ promptContains }) =>
            promptContains !== null && prompt?.includes(promptContains) === true,
        ) ?? orders.find(({ promptContains }) => promptContains === null);
      const name = order?.fault ?? drawFault(ordinal, odds);
      const fault = name === null ? undefined : faults.get(name);
      if (fault === undefined) return null;
      return {
        fault,
        paid: order?.paid ?? odds.paid[fault.name] ?? fault.paid,
        delayMs: order?.delayMs ?? 0,
        intervalMs: order?.intervalMs ?? defaultIntervalMs,
        strike: () => {
          if (order !== undefined) use(order);
        },
      };
    },
  };
}

export const defaultIntervalMs = 1000;

function drawFault(ordinal: number, { seed, rates }: Odds): string | null {
  let left = drawNumber(seed, 'fault', ordinal);
  for (const [name, rate] of Object.entries(rates)) {
    if (left < rate) return name;
    left -= rate;
  }
  return null;
}
