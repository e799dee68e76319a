/**
 * Reads `REDIS_URL`: one server, Sentinels that know where the primary is, or nodes of a cluster.
 * A URL of one server is passed on as it is, because ioredis reads more of it than this file.
 */
export type RedisAddress =
  | { kind: 'server'; url: string }
  | {
      kind: 'sentinel';
      hosts: RedisHost[];
      /** The name under which the Sentinels watch the primary. */
      primary: string;
      sentinelPassword: string | null;
      login: RedisLogin;
    }
  | { kind: 'cluster'; hosts: RedisHost[]; login: RedisLogin };

export interface RedisHost {
  host: string;
  port: number;
}

export interface RedisLogin {
  username: string | null;
  password: string | null;
  database: number;
  isTls: boolean;
}

export const redisUrlForms =
  'redis://<host>, rediss://<host>, ' +
  'redis-sentinel://<host>:26379,<host>:26379/<name of the primary> or ' +
  'redis-cluster://<host>,<host> (with TLS: rediss-sentinel://, rediss-cluster://)';

const listPattern = new RegExp(
  [
    String.raw`^(?<tls>rediss?)-(?<kind>sentinel|cluster)://`,
    // The last "@" ends the login: a password may contain others.
    String.raw`(?:(?<login>[^/?#]*)@)?(?<hosts>[^@/?#]+)`,
    String.raw`(?:/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$`,
  ].join(''),
);
const hostPattern = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/;
const defaultPorts = { sentinel: 26_379, cluster: 6_379 } as const;

/** Returns null for a URL of another form. It may hold a password: do not log it. */
export function parseRedisUrl(text: string): RedisAddress | null {
  if (/^rediss?:\/\//.test(text)) return URL.canParse(text) ? { kind: 'server', url: text } : null;
  const groups = listPattern.exec(text)?.groups;
  if (groups === undefined) return null;
  const kind = groups['kind'] as 'sentinel' | 'cluster';
  const hosts = (groups['hosts'] ?? '')
    .split(',')
    .map((each) => parseHost(each, defaultPorts[kind]));
  if (!hosts.every((host) => host !== null)) return null;
  const query = new URLSearchParams(groups['query']);
  const database = Number(query.get('db') ?? 0);
  if (!Number.isInteger(database) || database < 0) return null;
  const [username = '', password = ''] = splitLogin(groups['login'] ?? '');
  const login: RedisLogin = {
    username: username === '' ? null : username,
    password: password === '' ? null : password,
    database,
    isTls: groups['tls'] === 'rediss',
  };
  const path = decode(groups['path'] ?? '');
  if (kind === 'cluster') return path === '' ? { kind, hosts, login } : null;
  if (path === '') return null;
  return { kind, hosts, login, primary: path, sentinelPassword: query.get('sentinel_password') };
}

function parseHost(text: string, defaultPort: number): RedisHost | null {
  const groups = hostPattern.exec(text)?.groups;
  const host = groups?.['v6'] ?? groups?.['name'];
  const port = Number(groups?.['port'] ?? defaultPort);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

/** `user:password`, `:password`, or `password` alone as Redis' own tools take it. */
function splitLogin(text: string): string[] {
  const at = text.indexOf(':');
  return at === -1 ? ['', decode(text)] : [decode(text.slice(0, at)), decode(text.slice(at + 1))];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
