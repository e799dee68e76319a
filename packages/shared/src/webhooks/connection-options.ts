/**
 * How a request connects to addresses that `egress.ts` has checked: directly, where
 * `request-filtering-agent` checks them once more, or through a tunnel of a proxy.
 */
import type { RequestOptions } from 'node:http';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { metadataAddresses } from './address-rules.ts';
import type { Target } from './target.ts';

export interface CheckedConnection {
  target: Target;
  addresses: readonly string[];
  /** The configuration allows an address explicitly, so they need not be public. */
  allowsInternal: boolean;
  /** A connection to one of the addresses through a proxy; null: this connects directly. */
  tunnel: Socket | null;
}

export function connectionOptions(connection: CheckedConnection, isHttps: boolean): RequestOptions {
  const { target, tunnel } = connection;
  return {
    host: target.host,
    port: target.port,
    ...(tunnel === null
      ? connectDirectly(connection, isHttps)
      : connectThrough(tunnel, target.host, isHttps)),
  };
}

function connectDirectly(
  { target: { host }, addresses, allowsInternal }: CheckedConnection,
  isHttps: boolean,
): RequestOptions {
  const filter = {
    keepAlive: false,
    allowPrivateIPAddress: allowsInternal,
    denyIPAddressList: metadataAddresses,
  };
  return {
    agent: isHttps ? new RequestFilteringHttpsAgent(filter) : new RequestFilteringHttpAgent(filter),
    lookup: lookupOf(addresses),
    ...(isHttps && tlsOptions(host)),
  };
}

function connectThrough(tunnel: Socket, host: string, isHttps: boolean): RequestOptions {
  return {
    createConnection: () =>
      isHttps ? connectTls({ socket: tunnel, host, ...tlsOptions(host) }) : tunnel,
  };
}

/** Certificates are verified even with NODE_TLS_REJECT_UNAUTHORIZED=0. */
function tlsOptions(host: string): { rejectUnauthorized: true; servername?: string } {
  return { rejectUnauthorized: true, ...(isIP(host) === 0 && { servername: host }) };
}

/** Returns the checked addresses instead of resolving the name again. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const [first] = found;
    if (options.all === true) callback(null, found);
    else callback(null, first?.address ?? '', first?.family);
  };
}
