/**
 * Keeps web pages of other sites from using this API through the browser of a person who can reach
 * it. Browsers send forms and some requests to any address without asking, so a page could spend
 * money, and by DNS rebinding (its own name leads to this machine) it could also read the answers.
 *
 * One hook on every request. Without API keys the host must be a name of this API. A request that
 * may change something, or opens an event stream, must not come from a page of another origin, with
 * keys or without. Browsers say where a request comes from in headers that pages cannot set;
 * programs do not send them.
 */
import type { Config } from '@kiln/shared/config';
import { isAllowedOrigin } from '@kiln/shared/config/cors-origins';
import { isLoopbackHost, parseHost } from '@kiln/shared/config/hosts';
import type { AllowedHost } from '@kiln/shared/config/public-address';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { streamRoutes } from './stream-tokens.ts';

type SiteConfig = Pick<Config, 'apiKeys' | 'host' | 'publicUrl' | 'allowedHosts' | 'corsOrigins'>;

/** Methods that change nothing. */
export const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

export function addCrossSiteRefusal(app: FastifyInstance, config: SiteConfig): void {
  const ownHosts = ownHostsOf(config);
  app.addHook('onRequest', async (request) => {
    if (config.apiKeys.length === 0) checkHosts(request, ownHosts);
    const isStream = streamRoutes.includes(request.routeOptions.url);
    if (isStream || !safeMethods.includes(request.method)) checkOrigin(request, config);
  });
}

/**
 * Refuses a request with a cookie that may change something and does not say where it comes from.
 * A browser adds the cookie by itself, and says so in `Origin` or `Sec-Fetch-Site`, which the hook
 * has judged; a program proves with any `X-Requested-With` that it is no form of another site,
 * because a page cannot send that header elsewhere without asking first.
 */
export function requireOwnPage({ headers }: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site, 'x-requested-with': program } = headers;
  if (origin !== undefined || site !== undefined || program !== undefined) return;
  throw new KilnError(
    'cross_site',
    'Origin: received none; a request that is signed in by a cookie says where it comes from. ' +
      'Browsers do; a program sends a key, or X-Requested-With',
    { param: 'Origin' },
  );
}

function ownHostsOf({ host, publicUrl, allowedHosts }: SiteConfig): AllowedHost[] {
  const names = [host, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])];
  const own = names.flatMap((name) => {
    const parsed = parseHost(name.includes(':') && !name.startsWith('[') ? `[${name}]` : name);
    return parsed === null ? [] : [{ name: parsed.name, below: false, port: null }];
  });
  return [...own, ...allowedHosts];
}

/**
 * Checks both `Host` and what a trusted proxy says the host was: a page that reaches this process
 * directly can set every header but `Host`. Programs that send HTTP/1.0 may send no host; no
 * browser does that.
 */
function checkHosts(request: FastifyRequest, ownHosts: readonly AllowedHost[]): void {
  const { host } = request.headers;
  for (const [param, value] of [
    ['Host', host],
    ['X-Forwarded-Host', request.address.host ?? undefined],
  ] as const) {
    if (value === undefined || isOwnHost(value, ownHosts)) continue;
    throw new KilnError(
      'host_not_allowed',
      `${param}: received "${value.slice(0, 100)}"; without KILN_API_KEYS this API answers only ` +
        'to loopback names, so that no web page can reach it under a name of its own. List the ' +
        'name in KILN_ALLOWED_HOSTS, or set KILN_API_KEYS',
      { param },
    );
  }
}

function isOwnHost(value: string, ownHosts: readonly AllowedHost[]): boolean {
  const host = parseHost(value);
  if (host === null) return false;
  return (
    isLoopbackHost(host.name) ||
    ownHosts.some(
      ({ name, below, port }) =>
        (below ? host.name.endsWith(`.${name}`) : host.name === name) &&
        (port === null || port === host.port),
    )
  );
}

function checkOrigin(request: FastifyRequest, config: SiteConfig): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined && isAllowedOrigin(config.corsOrigins, origin)) return;
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw crossSite('Sec-Fetch-Site', site);
  if (origin !== undefined && !isOwnOrigin(origin, request, config))
    throw crossSite('Origin', origin);
}

function crossSite(param: string, received: string): KilnError {
  return new KilnError(
    'cross_site',
    `${param}: received "${received.slice(0, 100)}"; a web page of another origin may change ` +
      'and follow nothing here. List its origin in KILN_CORS_ORIGINS if it may, or ' +
      'KILN_PUBLIC_URL if it is the address of this API',
    { param },
  );
}

/**
 * The scheme counts where it is certain. Elsewhere a proxy that Kiln does not know may have ended
 * TLS, and the host alone decides.
 */
function isOwnOrigin(
  text: string,
  { address }: FastifyRequest,
  { publicUrl }: SiteConfig,
): boolean {
  const origin = URL.parse(text);
  if (origin === null || !['http:', 'https:'].includes(origin.protocol)) return false;
  if (publicUrl !== null) {
    const own = new URL(publicUrl);
    if (origin.host === own.host) return origin.protocol === own.protocol;
  }
  const reached =
    address.host === null || parseHost(address.host) === null
      ? null
      : URL.parse(`${origin.protocol}//${address.host}`);
  return (
    reached?.host === origin.host &&
    (address.protocol === null || origin.protocol === `${address.protocol}:`)
  );
}
