/**
 * Finds the address at which a caller has reached this API; every address in an answer starts with
 * it. It is `KILN_PUBLIC_URL`; else what a trusted proxy says in `X-Forwarded-Proto`, `-Host` and
 * `-Prefix`; else the `Host` of the request. Nothing here decides whether that host is allowed
 * (`plugins/refuse-cross-site.ts`).
 */
import { isIP } from 'node:net';
import type { Config } from '@kiln/shared/config';
import { contains, parseHost } from '@kiln/shared/config/hosts';
import type { TrustedProxies } from '@kiln/shared/config/public-address';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface RequestAddress {
  /** Without a trailing slash. */
  baseUrl: string;
  /** False when only `Host` says it: a proxy that Kiln does not know may have changed that. */
  isCertain: boolean;
  /**
   * The host that the caller addressed, as a header says it. null: an HTTP/1.0 request has none.
   */
  host: string | null;
  /** null: a proxy that Kiln does not know may have ended TLS. */
  protocol: 'http' | 'https' | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    readonly address: RequestAddress;
  }
}

type AddressConfig = Pick<Config, 'publicUrl' | 'trustedProxies'>;

export function addRequestAddress(
  app: FastifyInstance,
  { publicUrl, trustedProxies }: AddressConfig,
): void {
  const trusts = toTrustFunction(trustedProxies);
  app.decorateRequest('address', {
    getter() {
      return readRequestAddress(this, publicUrl, trusts);
    },
  });
}

type TrustFunction = false | ((address: string, hop: number) => boolean);

/** Whether Fastify and Kiln believe what the sender at `address` says about the hop before it. */
export function toTrustFunction(proxies: TrustedProxies): TrustFunction {
  switch (proxies.kind) {
    case 'none':
      return false;
    case 'hops':
      return (_address, hop) => hop < proxies.hops;
    case 'networks':
      return (address) => contains(proxies.networks, address);
  }
}

/** A path for `Location`: absolute where the public address is certain, else from the root. */
export function locate({ address }: FastifyRequest, path: string): string {
  return address.isCertain ? `${address.baseUrl}${path}` : path;
}

function readRequestAddress(
  request: FastifyRequest,
  publicUrl: string | null,
  trusts: TrustFunction,
): RequestAddress {
  const isFromProxy = trusts !== false && trusts(request.socket.remoteAddress ?? '', 0);
  const forwarded = isFromProxy ? readForwarded(request) : nothingForwarded;
  const host = forwarded.host ?? request.headers.host ?? null;
  const isKnown = host !== null && parseHost(host) !== null;
  const origin = `${forwarded.protocol ?? 'http'}://${isKnown ? host : listeningAddress(request)}`;
  return {
    baseUrl: publicUrl ?? `${origin}${forwarded.prefix ?? ''}`,
    isCertain: publicUrl !== null || Object.values(forwarded).some((value) => value !== null),
    host,
    protocol: forwarded.protocol,
  };
}

interface Forwarded {
  protocol: 'http' | 'https' | null;
  host: string | null;
  prefix: string | null;
}

const nothingForwarded: Forwarded = { protocol: null, host: null, prefix: null };

/** Ignores values of other forms: proxies pass on what callers send if they set no value. */
function readForwarded(request: FastifyRequest): Forwarded {
  const protocol = readEntry(request, 'x-forwarded-proto')?.toLowerCase();
  const host = readEntry(request, 'x-forwarded-host');
  const prefix = readEntry(request, 'x-forwarded-prefix')?.replace(/\/$/, '');
  return {
    protocol: protocol === 'http' || protocol === 'https' ? protocol : null,
    host: host !== undefined && parseHost(host) !== null ? host : null,
    prefix: prefix !== undefined && /^(\/[\w~-][\w.~-]*)+$/.test(prefix) ? prefix : null,
  };
}

/**
 * Where proxies append their values to a header, the caller may have sent the first ones: as many
 * values count as there are trusted proxies, and the first of those is the one nearest to the
 * caller.
 */
function readEntry(request: FastifyRequest, name: string): string | undefined {
  const header = request.headers[name];
  if (typeof header !== 'string') return undefined;
  const entries = header.split(',').map((entry) => entry.trim());
  const trustedProxies = Math.max(1, (request.ips?.length ?? 1) - 1);
  return entries[Math.max(0, entries.length - trustedProxies)];
}

function listeningAddress({ socket }: FastifyRequest): string {
  const { localAddress = '127.0.0.1', localPort = 80 } = socket;
  return `${isIP(localAddress) === 6 ? `[${localAddress}]` : localAddress}:${localPort}`;
}
