/**
 * Decides which fault a call meets: first an order for its prompt, then the orders for any call,
 * oldest first, then chance. Looking is free; an order is used up only when the caller says so, so
 * that a call the quota turns away leaves the plan as it was.
 */
import { drawNumber } from '../random.ts';
import { faults, type Fault } from './catalogue.ts';

export interface FaultOrder {
  fault: string;
  /** How many calls it strikes; null for every one until it is deleted. */
  times: number | null;
  /** Only calls whose prompt contains this text. */
  promptContains: string | null;
  /** Overrides whether the lost picture is billed. */
  paid: boolean | null;
  /** Waits this long before the fault, besides the ordinary latency. */
  delayMs: number;
  /** Between two bytes of `slow-body`. */
  intervalMs: number;
}

export interface Odds {
  seed: number;
  /** Probability of each fault, by name. */
  rates: Readonly<Record<string, number>>;
  /** Whether a fault's lost picture is billed, by name, against the catalogue. */
  paid: Readonly<Record<string, boolean>>;
}

export interface PlannedFault {
  fault: Fault;
  paid: boolean;
  delayMs: number;
  intervalMs: number;
  /** Uses it up. */
  strike(): void;
}

export interface FaultPlan {
  add(order: FaultOrder): void;
  list(): readonly FaultOrder[];
  clear(): void;
  /**
   * `ordinal` numbers the calls chance has been drawn for; `prompt` is null while the body is not
   * read.
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
