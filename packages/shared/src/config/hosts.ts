/** Host names, addresses and networks, as settings and the `Host` header write them. */
import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Reads the value of a `Host` header: the name as browsers normalise it, without brackets and the
 * final dot, and the port, null where there is none. Returns null for anything else.
 */
export function parseHost(text: string): { name: string; port: string | null } | null {
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const name = host === undefined ? undefined : URL.parse(`http://${host}/`)?.hostname;
  return name === undefined || name === '' ? null : { name: toHost(name), port: port ?? null };
}

/** Without brackets, upper case and the final dot of a name. */
export function toHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether the host, as `toHost` returns it, leads to this machine for every resolver. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || contains(loopback, host);
}

/** A name is in no network. An IPv4 network contains the IPv4-mapped addresses of IPv6. */
export function contains(network: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && network.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** Returns false for what is not a network. A prefix of null adds the single address. */
export function addNetwork(network: BlockList, address: string, prefix: number | null): boolean {
  if (isIP(address) === 0) return false;
  const longest = isIPv4(address) ? 32 : 128;
  if (prefix !== null && !(Number.isInteger(prefix) && prefix >= 0 && prefix <= longest))
    return false;
  network.addSubnet(address, prefix ?? longest, isIPv4(address) ? 'ipv4' : 'ipv6');
  return true;
}
