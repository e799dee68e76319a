/**
 * `KILN_WEBHOOK_ALLOW`: where webhooks may go besides public https. Entries are `host`, `address`
 * or `CIDR`, each with a `:port` or without.
 */
import { isIP } from 'node:net';

/** null as a port: any port. */
export type WebhookAllowance =
  | { kind: 'host'; host: string; port: number | null }
  | {
      kind: 'network';
      address: string;
      prefix: number;
      port: number | null;
    };

/** Adds a sentence to `problems` for each entry that is none. */
export function parseWebhookAllow(text: string, problems: string[]): WebhookAllowance[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const parsed = parseEntry(entry);
      if (parsed === null) {
        problems.push(
          `KILN_WEBHOOK_ALLOW holds "${entry}", which is none of host, host:port, address/prefix, address/prefix:port (IPv6 in brackets: [::1]:8080, [fd00::]/8)`,
        );
      }
      return parsed ?? [];
    });
}

function parseEntry(entry: string): WebhookAllowance | null {
  const [, six, four, name, prefixText, portText] =
    /^(?:\[([0-9a-f:.]+)\]|(\d+\.\d+\.\d+\.\d+)|([^\s/:[\]]+))(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/i.exec(
      entry,
    ) ?? [];
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  const address = six ?? four;
  if (address !== undefined) {
    const version = isIP(address);
    const longest = version === 4 ? 32 : 128;
    const prefix = prefixText === undefined ? longest : Number(prefixText);
    if (version === 0 || prefix > longest) return null;
    return { kind: 'network', address, prefix, port };
  }
  if (name === undefined || prefixText !== undefined) return null;
  const host = hostOf(name);
  return host === null ? null : { kind: 'host', host, port };
}

/** A name as URLs write it; null for what is none, and for an address in disguise. */
function hostOf(name: string): string | null {
  const url = URL.parse(`http://${name}/`);
  const host = url?.hostname.replace(/\.$/, '') ?? '';
  return host === '' || isIP(host) !== 0 || url?.username !== '' ? null : host;
}
