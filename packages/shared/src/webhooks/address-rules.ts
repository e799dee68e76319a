/**
 * Which addresses a webhook may be sent to. Everything that is not known to be the public internet
 * is `internal`: it takes an entry of
 * `KILN_WEBHOOK_ALLOW`. No entry opens what is `never`: a machine's own identity (metadata
 * services), and what is no machine at all.
 */
import { BlockList, isIP } from 'node:net';

export type AddressKind = 'public' | 'internal' | 'never';

/**
 * Metadata services of AWS, Azure, Google, Alibaba, Oracle and others; link-local IPv4, where most
 * of them live; nobody's addresses.
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
] as const;

/** The best known of them by themselves, for a second judge that takes no networks of two kinds. */
export const metadataAddresses = [
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
];

/**
 * IANA's special-purpose registry (RFC 6890 and its updates), and what carries an IPv4 address
 * inside.
 */
const internalIpv4 = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
];
const publicIpv6 = ['2000::/3'];
const internalIpv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

const never = blockListOf(neverNetworks);
const internal = blockListOf([...internalIpv4, ...internalIpv6]);
const global6 = blockListOf(publicIpv6);

/** @param address as a resolver or `new URL` writes it, without brackets */
export function kindOfAddress(address: string): AddressKind {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return 'never';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (never.check(address, family)) return 'never';
  if (version === 4) return internal.check(address, family) ? 'internal' : 'public';
  const inside = embeddedIpv4(address);
  if (inside !== null) return kindOfAddress(inside) === 'never' ? 'never' : 'internal';
  return global6.check(address, family) && !internal.check(address, family) ? 'public' : 'internal';
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/**
 * Of a mapped or compatible address, one of NAT64 (also its local prefix), of 6to4 or of Teredo:
 * where it leads to in the end.
 */
function embeddedIpv4(address: string): string | null {
  const groups = groupsOf(address);
  const [first = 0, second = 0] = groups;
  const last = dotted(groups[6], groups[7]);
  if (groups.slice(0, 5).every((group) => group === 0)) {
    const isLoopback = groups[5] === 0 && groups[6] === 0 && groups[7] === 1;
    return isLoopback ? null : last;
  }
  if (first === 0x64 && second === 0xff9b) return last;
  if (first === 0x2002) return dotted(groups[1], groups[2]);
  if (first === 0x2001 && second === 0)
    return dotted((groups[6] ?? 0) ^ 0xffff, (groups[7] ?? 0) ^ 0xffff);
  return null;
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/**
 * The eight groups; `new URL` writes an IPv6 address in its canonical form, the last 32 bits in
 * hexadecimal as well.
 */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}
