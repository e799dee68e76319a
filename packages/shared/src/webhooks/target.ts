/**
 * A webhook's URL: what is wrong with it, and whether it may be sent to the addresses its host has
 * at this moment.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { WebhookAllowance } from '../config/webhook-allow.ts';
import { isInNetwork, kindOfAddress } from './address-rules.ts';

export const longestUrl = 2_048;
const usualPorts: readonly number[] = [443, 8443];

export interface Target {
  url: URL;
  /** Without brackets, without a dot at its end. */
  host: string;
  port: number;
}

export type ParsedTarget =
  | { status: 'parsed'; target: Target }
  | { status: 'refused'; reason: string };

/** What can be said without asking a resolver; the reason is for the caller and follows "url: ". */
export function parseTarget(text: string, allowed: readonly WebhookAllowance[]): ParsedTarget {
  const url = URL.parse(text);
  if (text.length > longestUrl)
    return refuse(`has ${text.length} characters; at most ${longestUrl}`);
  if (url === null || url.host === '')
    return refuse('is no absolute URL such as https://example.com/hook');
  if (url.href.length > longestUrl)
    return refuse(`has ${url.href.length} characters once it is encoded; at most ${longestUrl}`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse(`begins with ${url.protocol.slice(0, 20)}; it takes https:`);
  if (url.username !== '' || url.password !== '')
    return refuse('holds a user name or a password; use a path or a query that nobody can guess');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === '') return refuse('has no host');
  const target = { url, host, port };
  if (isIP(host) !== 0) {
    return isPermitted(target, host, allowed) ? { status: 'parsed', target } : refuse(elsewhere);
  }
  const isUsual = url.protocol === 'https:' && usualPorts.includes(port);
  if (!isUsual && !allowed.some((entry) => mayCover(entry, target))) {
    return refuse(
      url.protocol === 'https:'
        ? `has the port ${port}; it takes 443 and 8443, and others where KILN_WEBHOOK_ALLOW lists them`
        : 'begins with http:; it takes https:, and http: where KILN_WEBHOOK_ALLOW lists the host',
    );
  }
  return { status: 'parsed', target };
}

/**
 * The same sentence for a name that there is not, and for one that leads inside: which names there
 * are inside is nobody's business.
 */
export const elsewhere =
  'does not lead to a public address; others take an entry of KILN_WEBHOOK_ALLOW, and some are never allowed';

/**
 * Whether an allowance, rather than being public https, is what lets it be sent there. Throws
 * nothing: an address of no kind is refused.
 */
export function isAllowed(
  target: Target,
  address: string,
  allowed: readonly WebhookAllowance[],
): boolean {
  if (kindOfAddress(address) === 'never') return false;
  return allowed.some((entry) => mayCover(entry, target) && covers(entry, address));
}

export function isPermitted(
  target: Target,
  address: string,
  allowed: readonly WebhookAllowance[],
): boolean {
  const isPublic =
    target.url.protocol === 'https:' &&
    usualPorts.includes(target.port) &&
    kindOfAddress(address) === 'public';
  return isPublic || isAllowed(target, address, allowed);
}

/** For a network: once the host's address is known to lie in it. */
function mayCover(entry: WebhookAllowance, { host, port }: Target): boolean {
  return (
    (entry.port === null || entry.port === port) &&
    (entry.kind === 'network' || entry.host === host)
  );
}

function covers(entry: WebhookAllowance, address: string): boolean {
  if (entry.kind === 'host') return true;
  return isInNetwork(ipaddr.parse(address), ipaddr.parse(entry.address), entry.prefix);
}

function refuse(reason: string): { status: 'refused'; reason: string } {
  return { status: 'refused', reason };
}
