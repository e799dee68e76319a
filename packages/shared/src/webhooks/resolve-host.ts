/**
 * Resolves the addresses of a host, without a cache. It does not use `dns.lookup`, which blocks one
 * of the four libuv threads until the name server answers; the same threads write images to disk.
 * Instead it reads the hosts file and then queries the name servers itself. Names must be fully
 * qualified, because it does not try search domains.
 */
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** `unknown`: the name does not exist. `unavailable`: no name server answered. */
export type Resolution =
  | { status: 'found'; addresses: string[] }
  | { status: 'unknown' }
  | { status: 'unavailable' };

export type ResolveHost = (host: string) => Promise<Resolution>;

const timeoutMs = 2_000;
const tries = 2;
const hostsFile = '/etc/hosts';
/** Error codes with which a name server says that the name has no address. */
const unknownCodes = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];

export async function resolveHost(host: string): Promise<Resolution> {
  const known = await readHostsFile(host);
  if (known.length > 0) return { status: 'found', addresses: known };
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = [four, six].flatMap((answer) =>
    answer.status === 'fulfilled' ? answer.value : [],
  );
  if (addresses.length > 0) return { status: 'found', addresses };
  const isUnknown = [four, six].some(
    (answer) => answer.status === 'rejected' && saysUnknown(answer.reason),
  );
  return { status: isUnknown ? 'unknown' : 'unavailable' };
}

function saysUnknown(error: unknown): boolean {
  return error instanceof Error && 'code' in error && unknownCodes.includes(String(error.code));
}

async function readHostsFile(host: string): Promise<string[]> {
  const text = await readFile(hostsFile, 'utf8').catch(() => ''); // the file is optional
  const lines = text.split('\n').map((line) => (line.split('#')[0] ?? '').trim().split(/\s+/));
  const found = lines.flatMap(([address = '', ...names]) =>
    isIP(address) !== 0 && names.some((name) => name.toLowerCase() === host) ? [address] : [],
  );
  return [...new Set(found)];
}
