/**
 * Parses `KILN_WEBHOOK_ALLOW`, the list of targets that webhooks may go to in addition to public
 * https. An entry is a host, an address or a CIDR network, each with an optional `:port`.
 */
import { isIP } from 'node:net';

/** A port of null allows any port. */
export type WebhookAllowance =
  | { kind: 'host'; host: string; port: number | null }
  | {
      kind: 'network';
      address: string;
      prefix: number;
      port: number | null;
    };

/** Adds a sentence to `problems` for each entry that cannot be parsed. */
export function parseWebhookAllow(text: string, problems: string[]): WebhookAllowance[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const parsed = parseEntry(entry);
      if (parsed === null) {
        problems.push(
          `KILN_WEBHOOK_ALLOW contains "${entry}"; use host, host:port, address/prefix or ` +
            'address/prefix:port (IPv6 in brackets: [::1]:8080, [fd00::]/8)',
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

/** Normalises a host name as `URL` does; null for invalid names and addresses such as `0x7f.1`. */
function hostOf(name: string): string | null {
  const url = URL.parse(`http://${name}/`);
  const host = url?.hostname.replace(/\.$/, '') ?? '';
  return host === '' || isIP(host) !== 0 || url?.username !== '' ? null : host;
}
