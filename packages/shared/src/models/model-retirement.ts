/**
 * When a provider retires a model, seen from a given day. A job for a retired model gets a warning
 * and is not refused.
 */
import type { ModelFacts, Provider, RetirementDate } from './model-table.ts';

const dayMs = 86_400_000;
const warnDays = 60;

export type Retirement =
  | { status: 'available' }
  | { status: 'retiring'; date: string; days: number; source: RetirementDate['source'] }
  | { status: 'retired'; date: string; source: RetirementDate['source'] };

/**
 * `retired` from 00:00 UTC of the date; `retiring` during the 60 days before. `days` counts the
 * days left, rounded up, at least 1.
 */
export function retirementOf(model: ModelFacts, provider: Provider, today: Date): Retirement {
  const retirement = model.retirement[provider];
  if (!retirement) return { status: 'available' };
  const days = Math.ceil((Date.parse(retirement.date) - today.getTime()) / dayMs);
  if (days <= 0) return { status: 'retired', ...retirement };
  if (days <= warnDays) return { status: 'retiring', days, ...retirement };
  return { status: 'available' };
}
