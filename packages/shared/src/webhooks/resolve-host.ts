/**
 * The addresses of a host, asked for anew each time. Not `dns.lookup`: it occupies one of the
 * process's four threads for as long as a stranger's name server likes to be silent, and the same
 * threads write pictures to disk. So this asks the name servers itself, after the machine's hosts
 * file; a name must be given whole, as search domains are not tried.
 */
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** `unknown`: there is no such name. `unavailable`: the name servers did not say. */
export type Resolution =
  | { status: 'found'; addresses: string[] }
  | { status: 'unknown' }
  | { status: 'unavailable' };

export type ResolveHost = (host: string) => Promise<Resolution>;

const timeoutMs = 2_000;
const tries = 2;
const hostsFile = '/etc/hosts';
/** What says that there is nothing to be found, rather than that nobody answered. */
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
  const text = await readFile(hostsFile, 'utf8').catch(() => ''); // a machine without one has no such names
  const lines = text.split('\n').map((line) => (line.split('#')[0] ?? '').trim().split(/\s+/));
  const found = lines.flatMap(([address = '', ...names]) =>
    isIP(address) !== 0 && names.some((name) => name.toLowerCase() === host) ? [address] : [],
  );
  return [...new Set(found)];
}
