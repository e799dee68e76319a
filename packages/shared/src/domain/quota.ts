/**
 * Quotas as the providers count them: requests (Azure), images and tokens (OpenAI) a minute. A pool
 * has at least one of these meters, and the start of a call takes its weight from each of them.
 */

/** What a provider grants in a minute; null: the provider does not count this. */
export interface Quota {
  rpm: number | null;
  ipm: number | null;
  tpm: number | null;
}

/** What the start of one call takes from the meters. It always takes one request. */
export interface StartWeight {
  /** The pictures that the call asks for: its `n`. */
  images: number;
  /** An upper estimate of its input and output tokens. */
  tokens: number;
}

/** The weight of a call for one picture, for callers that know no more. */
export const lightestStart: StartWeight = { images: 1, tokens: 0 };

/** No call for a picture uses fewer tokens: the smallest picture costs about 150. */
const fewestTokens = 100;

/** The most calls that a quota allows in a minute, when each of them is as light as can be. */
export function mostStartsAMinute({ rpm, ipm, tpm }: Quota): number {
  return Math.min(
    rpm ?? Number.POSITIVE_INFINITY,
    ipm ?? Number.POSITIVE_INFINITY,
    tpm === null ? Number.POSITIVE_INFINITY : Math.max(1, tpm / fewestTokens),
  );
}

/** Whether a start fits into a minute of the quota; a heavier one could never be made. */
export function fitsAMinute({ images, tokens }: StartWeight, { ipm, tpm }: Quota): boolean {
  return (ipm === null || images <= ipm) && (tpm === null || tokens <= tpm);
}

/** `60 requests, 100 images, 200000 tokens` */
export function describeQuota({ rpm, ipm, tpm }: Quota): string {
  const meters = [
    [rpm, 'requests'],
    [ipm, 'images'],
    [tpm, 'tokens'],
  ] as const;
  return meters.flatMap(([limit, name]) => (limit === null ? [] : [`${limit} ${name}`])).join(', ');
}
