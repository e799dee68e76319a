/**
 * The only code that sends webhooks, and that fetches pictures from addresses that a provider has
 * answered with. It resolves the host of a URL, checks every address and then connects to exactly
 * these addresses; `request-filtering-agent` checks them again when it connects. A proxy is asked
 * for one of these addresses, never for a name that a stranger chose, so that it cannot lead to
 * another. It follows no redirect and keeps no connection open.
 */
import { withDeadline } from '../deadline.ts';
import { noProxies, proxyFor, type Proxies } from '../config/proxies.ts';
import type { WebhookAllowance } from '../config/webhook-allow.ts';
import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import { openTunnel, ProxyError } from '../network/open-tunnel.ts';
import type { TryError } from '../domain/delivery-state.ts';
import type { CheckedConnection } from './connection-options.ts';
import { getOnce, type GetOutcome } from './get-once.ts';
import { postOnce, type Answer } from './post-once.ts';
import type { Resolution, ResolveHost } from './resolve-host.ts';
import { notPublic, isAllowed, isPermitted, parseTarget, type Target } from './target.ts';

/** `undecided`: no name server answered; every delivery checks the URL again. */
export type UrlCheck =
  | { status: 'accepted' }
  | { status: 'undecided' }
  | { status: 'refused'; reason: string };

export interface OutgoingPost {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Covers the time from the first DNS query to the receiver's status line. */
  timeoutMs: number;
  signal: AbortSignal;
}

export type PostOutcome = ({ status: 'answered' } & Answer) | { status: 'failed'; error: TryError };

export interface OutgoingGet {
  url: string;
  headers: Record<string, string>;
  /** An origin that the operator has configured: its addresses need not be public. */
  trustedOrigin: string;
  maxBytes: number;
  /** Covers the time from the first DNS query to the last byte. */
  timeoutMs: number;
  signal: AbortSignal;
}

export interface Egress {
  /** Checks the URL of a new webhook. Takes at most three seconds and never throws. */
  check(url: string): Promise<UrlCheck>;
  /** Sends one POST. Throws nothing but the reason with which `signal` was aborted. */
  post(post: OutgoingPost): Promise<PostOutcome>;
  /** Fetches a whole answer under the same rules. Never throws. */
  get(get: OutgoingGet): Promise<GetOutcome>;
}

/** An API caller waits for the check and may send a new host name with every request. */
const checkTimeoutMs = 3_000;
/**
 * Addresses of pictures are signed; with a token of AWS they are longer than a webhook's may be.
 */
const maxPictureUrlLength = 16_384;
/** More checks than this at the same time return `undecided` at once. */
const maxConcurrentChecks = 32;

export function createEgress(options: {
  allowed: readonly WebhookAllowance[];
  resolve: ResolveHost;
  proxies?: Proxies;
}): Egress {
  const { allowed, resolve, proxies = noProxies } = options;
  let checks = 0;

  async function addressesOf({ host }: Target): Promise<Resolution> {
    return isIP(host) === 0 ? resolve(host) : found([host]);
  }

  return {
    async check(url) {
      const parsed = parseTarget(url, allowed);
      if (parsed.status === 'refused') return parsed;
      if (checks >= maxConcurrentChecks) return { status: 'undecided' };
      checks += 1;
      try {
        const outcome = await withDeadline(checkTimeoutMs, () => addressesOf(parsed.target));
        if (outcome.status === 'late' || outcome.value.status === 'unavailable')
          return { status: 'undecided' };
        const resolution = outcome.value;
        return resolution.status === 'found' &&
          arePermitted(parsed.target, resolution.addresses, allowed)
          ? { status: 'accepted' }
          : { status: 'refused', reason: notPublic };
      } finally {
        checks -= 1;
      }
    },
    async post({ url, headers, body, timeoutMs, signal }) {
      signal.throwIfAborted();
      const deadlineMs = performance.now() + timeoutMs;
      const checked = await connect(url, { allowed, timeoutMs, signal, addressesOf });
      signal.throwIfAborted();
      if (checked.status === 'failed') return checked;
      const remainingMs = deadlineMs - performance.now();
      return postOnce({ ...checked.connection, headers, body, timeoutMs: remainingMs, signal });
    },
    async get({ url, headers, trustedOrigin, maxBytes, timeoutMs, signal }) {
      const deadlineMs = performance.now() + timeoutMs;
      const own = trustedTarget(url, trustedOrigin);
      const checked = await connect(url, {
        allowed: own === null ? allowed : [...allowed, own],
        timeoutMs,
        signal,
        maxUrlLength: maxPictureUrlLength,
        // Names inside of a cluster often need its search domains, which only the system knows.
        addressesOf: own === null ? addressesOf : lookUp,
        isTrusted: own !== null,
      }).catch(() => ({ status: 'failed', error: 'timed_out' }) as const);
      if (checked.status === 'failed') {
        const { error } = checked;
        return error === 'url_refused' || error === 'address_refused'
          ? { status: 'refused', reason: notPublic }
          : { status: 'failed', error: `the connection failed (${error})` };
      }
      const remainingMs = deadlineMs - performance.now();
      return getOnce({ ...checked.connection, headers, maxBytes, timeoutMs: remainingMs, signal });
    },
  };

  async function connect(
    url: string,
    options: {
      allowed: readonly WebhookAllowance[];
      timeoutMs: number;
      signal: AbortSignal;
      addressesOf: (target: Target) => Promise<Resolution>;
      /** The operator has configured the origin. */
      isTrusted?: boolean;
      /** Default: the length of a webhook. */
      maxUrlLength?: number;
    },
  ): Promise<
    { status: 'checked'; connection: CheckedConnection } | { status: 'failed'; error: TryError }
  > {
    const { timeoutMs, signal } = options;
    const deadlineMs = performance.now() + timeoutMs;
    const parsed = parseTarget(url, options.allowed, options.maxUrlLength);
    if (parsed.status === 'refused') return { status: 'failed', error: 'url_refused' };
    const { target } = parsed;
    const proxy = proxyFor(proxies, target.url);
    // A proxy may be the only one that knows the name; calls ask it for the same name.
    const asksByName = options.isTrusted === true && proxy !== null;
    const outcome = await withDeadline(timeoutMs, async () =>
      asksByName ? found([target.host]) : options.addressesOf(target),
    );
    signal.throwIfAborted();
    if (outcome.status === 'late') return { status: 'failed', error: 'timed_out' };
    const resolution = outcome.value;
    if (
      resolution.status !== 'found' ||
      (!asksByName && !arePermitted(target, resolution.addresses, options.allowed))
    )
      return { status: 'failed', error: 'address_refused' };
    const { addresses } = resolution;
    const tunnel =
      proxy === null ? null : await tunnelTo(addresses, { proxy, target, deadlineMs, signal });
    if (proxy !== null && tunnel === null) return { status: 'failed', error: 'proxy_failed' };
    const allowsInternal = addresses.some((address) => isAllowed(target, address, options.allowed));
    return { status: 'checked', connection: { target, addresses, tunnel, allowsInternal } };
  }
}

/** Permits the origin that the operator has configured, whatever its addresses; null: another. */
function trustedTarget(url: string, trustedOrigin: string): WebhookAllowance | null {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.origin !== trustedOrigin) return null;
  const port = Number(parsed.port || (parsed.protocol === 'https:' ? 443 : 80));
  return { kind: 'host', host: parsed.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, ''), port };
}

function found(addresses: string[]): Resolution {
  return { status: 'found', addresses };
}

async function lookUp({ host }: Target): Promise<Resolution> {
  const all = await lookup(host, { all: true }).catch(() => []);
  return all.length === 0 ? { status: 'unknown' } : found(all.map(({ address }) => address));
}

/** The first connection that the proxy opens; null when it opens none. */
async function tunnelTo(
  addresses: readonly string[],
  options: { proxy: URL; target: Target; deadlineMs: number; signal: AbortSignal },
): Promise<Socket | null> {
  const { proxy, target, deadlineMs, signal } = options;
  // More proxies reach IPv4 than IPv6.
  for (const host of addresses.toSorted((one, other) => isIP(one) - isIP(other))) {
    const timeoutMs = deadlineMs - performance.now();
    if (timeoutMs <= 0) return null;
    try {
      return await openTunnel({ proxy, host, port: target.port, timeoutMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProxyError)) throw error;
    }
  }
  return null;
}

/** Requires all addresses to be permitted, because the connection may use any of them. */
function arePermitted(
  target: Target,
  addresses: readonly string[],
  allowed: readonly WebhookAllowance[],
): boolean {
  return (
    addresses.length > 0 && addresses.every((address) => isPermitted(target, address, allowed))
  );
}
