/**
 * Checks the URL of a webhook, and whether Kiln may send to the addresses that its host has now.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { WebhookAllowance } from '../config/webhook-allow.ts';
import { isInNetwork, kindOfAddress } from './address-rules.ts';
import { cutText } from '../schemas/text.ts';

const maxUrlLength = 2_048;
const defaultPorts: readonly number[] = [443, 8443];

export interface Target {
  url: URL;
  /** Without brackets and without a trailing dot. */
  host: string;
  port: number;
}

export type ParsedTarget =
  | { status: 'parsed'; target: Target }
  | { status: 'refused'; reason: string };

/** Checks what needs no name server. The reason is shown to the API caller after "url: ". */
export function parseTarget(
  text: string,
  allowed: readonly WebhookAllowance[],
  maxLength = maxUrlLength,
): ParsedTarget {
  const url = URL.parse(text);
  if (text.length > maxLength)
    return refuse(`has ${text.length} characters; the maximum is ${maxLength}`);
  if (url === null || url.host === '')
    return refuse('is not an absolute URL; use one such as https://example.com/hook');
  if (url.href.length > maxLength)
    return refuse(`has ${url.href.length} characters when encoded; the maximum is ${maxLength}`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse(`has the scheme ${cutText(url.protocol, 20)}; use https:`);
  if (url.username !== '' || url.password !== '')
    return refuse('contains a user name or password; put a secret in the path or query instead');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === '') return refuse('has no host; use a URL such as https://example.com/hook');
  const target = { url, host, port };
  if (isIP(host) !== 0) {
    return isPermitted(target, host, allowed) ? { status: 'parsed', target } : refuse(notPublic);
  }
  const isDefault = url.protocol === 'https:' && defaultPorts.includes(port);
  if (!isDefault && !allowed.some((entry) => mayCover(entry, target))) {
    return refuse(
      url.protocol === 'https:'
        ? `has port ${port}; use 443 or 8443, or list the host and port in KILN_WEBHOOK_ALLOW`
        : 'has the scheme http:; use https:, or list the host in KILN_WEBHOOK_ALLOW',
    );
  }
  return { status: 'parsed', target };
}

/**
 * An unknown name and a name with an internal address get the same message, so that callers cannot
 * probe which internal names exist.
 */
export const notPublic =
  'does not resolve to a public address; internal addresses need an entry in ' +
  'KILN_WEBHOOK_ALLOW, and some are never allowed';

/**
 * Whether an entry of `KILN_WEBHOOK_ALLOW` permits the address. Never throws: text that is not an
 * address is not allowed.
 */
export function isAllowed(
  target: Target,
  address: string,
  allowed: readonly WebhookAllowance[],
): boolean {
  if (kindOfAddress(address) === 'never') return false;
  return allowed.some((entry) => mayCover(entry, target) && covers(entry, address));
}

/** Whether Kiln may send to the address: public https on 443 or 8443, or an allowed address. */
export function isPermitted(
  target: Target,
  address: string,
  allowed: readonly WebhookAllowance[],
): boolean {
  const isPublic =
    target.url.protocol === 'https:' &&
    defaultPorts.includes(target.port) &&
    kindOfAddress(address) === 'public';
  return isPublic || isAllowed(target, address, allowed);
}

/** Whether an entry may permit the target. For a network the address decides, see `covers`. */
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
