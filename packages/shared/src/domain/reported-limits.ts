/**
 * What a provider's answers say of its own limits: how much it grants in a minute, what remains of
 * that, and when it is there again. Providers are not to be trusted with these numbers: some send
 * -1, some repeat old ones.
 */
import { mostStartsAMinute, type Quota } from './quota.ts';

export const meters = ['requests', 'images', 'tokens'] as const;
export type Meter = (typeof meters)[number];

/** Null: the answer does not say, or not in a form that makes sense. */
export interface ReportedMeter {
  limit: number | null;
  remaining: number | null;
  resetMs: number | null;
}

export type ReportedLimits = Partial<Record<Meter, ReportedMeter>>;

/** What the last answer of a pool said, as its row keeps it. Times are Unix seconds. */
export type StoredLimits = {
  deployment: string;
  at: number;
} & Partial<
  Record<Meter, { limit: number | null; remaining: number | null; reset_at: number | null }>
>;

const fields = { requests: 'rpm', images: 'ipm', tokens: 'tpm' } as const;

/** Says where the configuration and the provider differ. */
export function compareLimits(
  quota: Quota,
  reported: Partial<Record<Meter, { limit: number | null }>>,
): string[] {
  return meters.flatMap((meter) => {
    const limit = reported[meter]?.limit ?? null;
    const field = fields[meter];
    const configured = quota[field];
    if (limit === null || limit === configured) return [];
    if (configured === null) {
      // A call has at least one image, so this limit is reached with single images already.
      const isExceeded = meter === 'images' && limit < mostStartsAMinute(quota);
      return isExceeded
        ? [`the provider grants ${limit} ${meter} a minute, and the pool has no ${field}`]
        : [];
    }
    return configured < limit
      ? [`${configured} of ${limit} ${meter} a minute are used: raise ${field} to use them all`]
      : [
          `${field} is ${configured}, but the provider grants ${limit} ${meter} a minute: it ` +
            'refuses the calls beyond that',
        ];
  });
}
