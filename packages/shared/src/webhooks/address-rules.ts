/**
 * Decides which addresses a webhook may be sent to. Every address that is not public unicast in
 * IANA's special-purpose registries is `internal`: sending to it requires an entry in
 * `KILN_WEBHOOK_ALLOW`. No entry opens a `never` address: metadata services, which hand out a
 * machine's identity, and addresses that belong to no machine.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type AddressKind = 'public' | 'internal' | 'never';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Metadata services of AWS, Azure, Google, Alibaba, Oracle and others; link-local IPv4, where most
 * of them live; multicast, broadcast and unspecified addresses.
 */
const neverNetworks = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '168.63.129.16/32',
  '100.100.100.200/32',
  '192.0.0.192/32',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  'fd00:ec2::254/128',
  'fd00:ec2::23/128',
  'fd20:ce::254/128',
  'fd00:42::42/128',
  'ff00::/8',
].map((network) => ipaddr.parseCIDR(network));

/**
 * The best-known metadata services as single addresses, for `request-filtering-agent`: its deny
 * list does not take networks of both families.
 */
export const metadataAddresses = [
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
];

/** The only block of IPv6 from which IANA assigns public unicast addresses. */
const globalUnicastIpv6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Returns `never` for text that is not an address and for an address with a zone.
 * @param address as a resolver or `new URL` writes it, without brackets
 */
export function kindOfAddress(address: string): AddressKind {
  if (isIP(address) === 0 || address.includes('%')) return 'never';
  return kindOf(ipaddr.parse(address));
}

function kindOf(address: Address): AddressKind {
  if (neverNetworks.some(([network, prefix]) => isInNetwork(address, network, prefix)))
    return 'never';
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast' ? 'public' : 'internal';
  const inside = embeddedIpv4(address);
  if (inside !== null) return kindOf(inside) === 'never' ? 'never' : 'internal';
  return address.match(globalUnicastIpv6) && address.range() === 'unicast' ? 'public' : 'internal';
}

/** An IPv4 network contains no IPv6 address, not even one that embeds an address of the network. */
export function isInNetwork(address: Address, network: Address, prefix: number): boolean {
  return address.kind() === network.kind() && address.match(network, prefix);
}

/**
 * Returns the IPv4 address to which an IPv6 address finally leads, or null. Covers IPv4-mapped and
 * IPv4-compatible addresses, NAT64 (also its local-use prefix), 6to4, Teredo and ISATAP, whose
 * addresses may have any prefix (RFC 5214: `…:0:5efe:a.b.c.d`, `…:200:5efe:a.b.c.d`).
 */
function embeddedIpv4({ parts }: ipaddr.IPv6): ipaddr.IPv4 | null {
  const [first = 0, second = 0, third = 0, , fifth = 0, sixth = 0, seventh = 0, eighth = 0] = parts;
  if (parts.slice(0, 5).every((part) => part === 0)) {
    const isLoopback = sixth === 0 && seventh === 0 && eighth === 1;
    return isLoopback ? null : toIpv4(seventh, eighth);
  }
  if (first === 0x64 && second === 0xff9b) return toIpv4(seventh, eighth);
  if (first === 0x2002) return toIpv4(second, third);
  if ((fifth & 0xfcff) === 0 && sixth === 0x5efe) return toIpv4(seventh, eighth);
  if (first === 0x2001 && second === 0) return toIpv4(seventh ^ 0xffff, eighth ^ 0xffff);
  return null;
}

function toIpv4(high: number, low: number): ipaddr.IPv4 {
  return new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
}
