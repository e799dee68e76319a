/**
 * The only way out for webhooks. Where a URL leads is looked up here, judged, and then connected
 * to: the addresses that were judged, and no others. `request-filtering-agent` judges them once
 * more at the connect. No redirect is followed, no proxy asked, no connection kept.
 */
import type { WebhookAllowance } from '../config/webhook-allow.ts';
import { isIP } from 'node:net';
import type { TryError } from '../domain/delivery-state.ts';
import { postOnce, type Answer } from './post-once.ts';
import type { ResolveHost } from './resolve-host.ts';
import { elsewhere, isAllowed, isPermitted, parseTarget, type Target } from './target.ts';

/** `undecided`: no name server answered, so it is decided when there is something to send. */
export type UrlCheck =
  | { status: 'accepted' }
  | { status: 'undecided' }
  | { status: 'refused'; reason: string };

export interface OutgoingPost {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** From the first question to a name server to the receiver's status line. */
  timeoutMs: number;
  signal: AbortSignal;
}

export type PostOutcome = ({ status: 'answered' } & Answer) | { status: 'failed'; error: TryError };

export interface Egress {
  /** Where it is configured. Bounded in time, and throws nothing. */
  check(url: string): Promise<UrlCheck>;
  /** Throws only what `signal` was aborted with. */
  post(post: OutgoingPost): Promise<PostOutcome>;
}

/** A URL is looked up for a caller who waits, who may name a new one every time. */
const checkTimeoutMs = 3_000;
/** So many at a time; further ones are decided when there is something to send. */
const mostChecks = 32;

export function createEgress(options: {
  allowed: readonly WebhookAllowance[];
  resolve: ResolveHost;
}): Egress {
  const { allowed, resolve } = options;
  let checks = 0;

  async function addressesOf({ host }: Target) {
    return isIP(host) === 0 ? resolve(host) : ({ status: 'found', addresses: [host] } as const);
  }

  return {
    async check(url) {
      const parsed = parseTarget(url, allowed);
      if (parsed.status === 'refused') return parsed;
      if (checks >= mostChecks) return { status: 'undecided' };
      checks += 1;
      try {
        const resolution = await within(addressesOf(parsed.target), checkTimeoutMs);
        if (resolution === 'late' || resolution.status === 'unavailable')
          return { status: 'undecided' };
        return resolution.status === 'found' &&
          arePermitted(parsed.target, resolution.addresses, allowed)
          ? { status: 'accepted' }
          : { status: 'refused', reason: elsewhere };
      } finally {
        checks -= 1;
      }
    },
    async post({ url, headers, body, timeoutMs, signal }) {
      signal.throwIfAborted();
      const deadlineMs = performance.now() + timeoutMs;
      const parsed = parseTarget(url, allowed);
      if (parsed.status === 'refused') return { status: 'failed', error: 'url_refused' };
      const { target } = parsed;
      const resolution = await within(addressesOf(target), timeoutMs);
      signal.throwIfAborted();
      if (resolution === 'late') return { status: 'failed', error: 'timed_out' };
      if (resolution.status !== 'found' || !arePermitted(target, resolution.addresses, allowed))
        return { status: 'failed', error: 'address_refused' };
      const { addresses } = resolution;
      return postOnce({
        target,
        addresses,
        isInside: addresses.some((address) => isAllowed(target, address, allowed)),
        headers,
        body,
        timeoutMs: deadlineMs - performance.now(),
        signal,
      });
    },
  };
}

/** All of them: a name with one address outside and one inside would be connected to either. */
function arePermitted(
  target: Target,
  addresses: readonly string[],
  allowed: readonly WebhookAllowance[],
): boolean {
  return (
    addresses.length > 0 && addresses.every((address) => isPermitted(target, address, allowed))
  );
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | 'late'> {
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), timeoutMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
