/**
 * Which outgoing requests go through a proxy, from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
 * Node, undici and the SDKs read these variables in different ways, so Kiln parses them once and
 * tells each client what was decided. `docs/configuration.md` explains the rules. Used by every
 * client of the provider, Microsoft Entra ID, the object stores and the webhook receivers.
 */
import { BlockList, isIP } from 'node:net';
import type { Environment } from './environment.ts';
import { addNetwork, contains, isLoopbackHost, toHost } from './hosts.ts';

export interface Proxies {
  /** The proxy for http: addresses; null: none. It may contain a password. */
  http: URL | null;
  /** The proxy for https: addresses; null: none. It may contain a password. */
  https: URL | null;
  /** Destinations that `NO_PROXY` excepts. */
  exceptions: readonly ProxyException[];
}

/** A port of null covers every port. */
export type ProxyException =
  | { kind: 'all'; port: number | null }
  /** The name and every name below it. */
  | { kind: 'name'; name: string; port: number | null }
  | { kind: 'network'; network: BlockList; port: number | null };

export const noProxies: Proxies = { http: null, https: null, exceptions: [] };

/** Where a request goes: a `URL` fits, and so do a host and a port. */
export type Destination = Pick<URL, 'protocol' | 'hostname' | 'port'>;

/** Metadata services: through a proxy, those of the proxy's machine would answer. */
const metadataServices = new BlockList();
metadataServices.addSubnet('169.254.0.0', 16, 'ipv4');
metadataServices.addAddress('168.63.129.16', 'ipv4');
metadataServices.addAddress('fd00:ec2::254', 'ipv6');
metadataServices.addAddress('fd00:ec2::23', 'ipv6');

/**
 * The lower-case name of a variable takes precedence, as in curl. A proxy that cannot be used is a
 * problem. An entry of `NO_PROXY` that matches nothing is a warning, because such lists are often
 * written for other programs.
 */
export function readProxies(
  environment: Environment,
  problems: string[],
  warnings: string[],
): Proxies {
  const https = readProxy('HTTPS_PROXY', environment, problems);
  const http = readProxy('HTTP_PROXY', environment, problems);
  const [allName, all] = readEither('ALL_PROXY', environment);
  if (all !== '' && (https === null || http === null))
    warnings.push(`${allName} is not heeded: set HTTPS_PROXY and HTTP_PROXY instead`);
  const [noName, no] = readEither('NO_PROXY', environment);
  const entries = no.split(/[\s,]+/).filter((entry) => entry !== '');
  const exceptions = entries.flatMap((entry) => {
    const parsed = toExceptions(entry);
    if (parsed.length === 0)
      warnings.push(
        `${noName} contains "${entry}", which matches nothing; an entry is a host, an address, ` +
          'a network such as 10.0.0.0/8, each with an optional :port, or *',
      );
    return parsed;
  });
  const simulator = URL.parse(environment['KILN_SIMULATOR_URL'] ?? '');
  if (simulator !== null && (http !== null || https !== null))
    exceptions.push(...toExceptions(simulator.host));
  return { http, https, exceptions };
}

/**
 * Returns the proxy through which a request to this destination goes; null: it goes directly. A
 * proxy on another machine is not asked for addresses of this machine, which it cannot reach.
 */
export function proxyFor(proxies: Proxies, { protocol, hostname, port }: Destination): URL | null {
  const proxy = protocol === 'https:' ? proxies.https : proxies.http;
  if (proxy === null) return null;
  const host = toHost(hostname);
  if (contains(metadataServices, host)) return null;
  if (isLoopbackHost(host) && !isLoopbackHost(toHost(proxy.hostname))) return null;
  const portNumber = Number(port || (protocol === 'https:' ? 443 : 80));
  const isExcepted = proxies.exceptions.some(
    (exception) =>
      (exception.port === null || exception.port === portNumber) && covers(exception, host),
  );
  return isExcepted ? null : proxy;
}

/** The proxy's address without its user and password, for messages and logs. */
export function describeProxy({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

/** Returns the name under which the variable is set, and its value; '' when it is not set. */
function readEither(name: string, environment: Environment): [name: string, value: string] {
  const lower = name.toLowerCase();
  const lowerValue = environment[lower]?.trim() ?? '';
  return lowerValue === '' ? [name, environment[name]?.trim() ?? ''] : [lower, lowerValue];
}

function readProxy(name: string, environment: Environment, problems: string[]): URL | null {
  const [given, value] = readEither(name, environment);
  if (value === '') return null;
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (url === null || url.hostname === '' || !['http:', 'https:'].includes(url.protocol)) {
    const received = url === null ? '' : ` names a proxy of the kind ${url.protocol}//;`;
    problems.push(
      `${given}${received === '' ? ' is not the address of a proxy;' : received} allowed: ` +
        'http://host:port or https://host:port, with user:password@ before the host where the ' +
        'proxy asks for them',
    );
    return null;
  }
  try {
    decodeURIComponent(`${url.username}${url.password}`);
  } catch {
    problems.push(
      `${given} has a user or password with a "%" that is not followed by two hexadecimal ` +
        'digits; write "%" as %25',
    );
    return null;
  }
  return url;
}

/** An entry of `NO_PROXY`; empty when it matches nothing. */
function toExceptions(entry: string): ProxyException[] {
  const parsed = parseException(entry);
  return parsed === null ? [] : [parsed];
}

function parseException(entry: string): ProxyException | null {
  const [, bracketed, plain, portText] =
    /^(?:\[([^\]]+)\]|([^[\]]+?))(?::(\d{1,5}))?$/.exec(ipv6InBrackets(entry)) ?? [];
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  const text = bracketed ?? plain ?? '';
  if (text === '*') return { kind: 'all', port };
  const [address = '', prefixText, ...more] = text.split('/');
  if (isIP(address) !== 0) {
    const prefix = prefixText === undefined ? null : Number(prefixText);
    if (more.length > 0 || prefixText === '') return null;
    const network = toNetwork(address, prefix);
    return network && { kind: 'network', network, port };
  }
  const name = text
    .toLowerCase()
    .replace(/^\*?\.+/, '')
    .replace(/\.$/, '');
  return /^[^\s/:*@]+$/.test(name) && URL.parse(`http://${name}`)?.hostname === name
    ? { kind: 'name', name, port }
    : null;
}

/** `fd00::/8` and `[fd00::]/8` as `[fd00::/8]`, so that its colons do not look like a port's. */
function ipv6InBrackets(entry: string): string {
  const [, address, prefix, port] = /^\[([^\]]+)\](\/\d+)(:\d+)?$/.exec(entry) ?? [];
  if (address !== undefined) return `[${address}${prefix ?? ''}]${port ?? ''}`;
  return isIP(entry.split('/')[0] ?? '') === 6 ? `[${entry}]` : entry;
}

function toNetwork(address: string, prefix: number | null): BlockList | null {
  const network = new BlockList();
  return addNetwork(network, address, prefix) ? network : null;
}

function covers(exception: ProxyException, host: string): boolean {
  switch (exception.kind) {
    case 'all':
      return true;
    case 'name':
      return host === exception.name || host.endsWith(`.${exception.name}`);
    case 'network':
      return contains(exception.network, host);
  }
}
