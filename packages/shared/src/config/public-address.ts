/**
 * Parses how callers reach the API: `KILN_PUBLIC_URL`, the address from which every other one is
 * built; `KILN_TRUST_PROXY`, the proxies whose `X-Forwarded-…` headers count; and
 * `KILN_ALLOWED_HOSTS`, further names of this API. `docs/proxy.md` explains when each is needed.
 */
import { BlockList, isIP } from 'node:net';
import { addNetwork, parseHost } from './hosts.ts';

/** The proxies between the callers and this process. */
export type TrustedProxies =
  | { kind: 'none' }
  /** So many proxies are passed by every request, whatever their addresses. */
  | { kind: 'hops'; hops: number }
  | { kind: 'networks'; networks: BlockList };

/** A name of this API, or with `below` every name below it. A port of null allows any port. */
export interface AllowedHost {
  name: string;
  below: boolean;
  port: string | null;
}

const maxHops = 10;

/** Returns the URL, one of http or https, without its final slash. */
export function parsePublicUrl(text: string, problems: string[], warnings: string[]): string {
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    problems.push(
      'KILN_PUBLIC_URL has a user name, a query or a fragment; use only scheme, host, port ' +
        'and path',
    );
  const path = url.pathname.replace(/\/+$/, '');
  if (path.endsWith('/v1'))
    warnings.push(
      'KILN_PUBLIC_URL ends with /v1, so pictures get addresses with /v1/v1/; leave /v1 out ' +
        'unless the proxy adds it to the path',
    );
  return `${url.origin}${path}`;
}

/** Reads a number of proxies, or a list of their addresses and networks. */
export function parseTrustedProxies(text: string, problems: string[]): TrustedProxies {
  if (/^\d+$/.test(text)) {
    const hops = Number(text);
    if (hops >= 1 && hops <= maxHops) return { kind: 'hops', hops };
  }
  const networks = new BlockList();
  const wrong = text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .filter((entry) => !addEntry(networks, entry));
  if (wrong.length === 0 && text !== '') return { kind: 'networks', networks };
  problems.push(
    `KILN_TRUST_PROXY contains "${wrong[0] ?? text}"; use the number of proxies (1 to ` +
      `${maxHops}), ` +
      'or their addresses and networks, separated by commas (127.0.0.1, 10.0.0.0/8, fd00::/8)',
  );
  return { kind: 'none' };
}

/** An address or a network; IPv6 addresses may stand in brackets. */
function addEntry(networks: BlockList, entry: string): boolean {
  const [, address = '', prefix] = /^\[?([0-9a-f:.]+)\]?(?:\/(\d{1,3}))?$/i.exec(entry) ?? [];
  return addNetwork(networks, address, prefix === undefined ? null : Number(prefix));
}

/** Adds a sentence to `problems` for each entry that is not a host. */
export function parseAllowedHosts(text: string, problems: string[]): AllowedHost[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const below = entry.startsWith('*.');
      const host = parseHost(below ? entry.slice(2) : entry);
      if (host !== null && !(below && isIP(host.name) !== 0)) return { ...host, below };
      problems.push(
        `KILN_ALLOWED_HOSTS contains "${entry}"; use names or addresses without a scheme or ` +
          'path, such as kiln.example.com, kiln.example.com:8443 or *.example.com. To allow ' +
          'every host, set KILN_API_KEYS',
      );
      return [];
    });
}
