/**
 * Fetches a picture whose address a deployment has answered with.
 *
 * Problem: some servers answer with an address although the picture has been paid for, and a
 * stranger's address must not lead Kiln anywhere it should not go.
 * Approach: only the deployment's own origin and the hosts that it allows are asked, under the
 * rules of webhooks (`webhooks/egress.ts`). Redirects are checked like the first address.
 * Guarantee: bytes, time, tries and redirects are limited. What signs a call in goes to the own
 * origin only: key or token, headers, query.
 * Every other outcome is a sentence that says what to set.
 * Used by the worker's provider.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { mayFetchPicture, type Deployment } from '../../models/deployment.ts';
import { maxPictureBytes } from '../../provider/answer/base64-decoder.ts';
import type { FetchedPicture } from '../../provider/answer/fetch-picture.ts';
import type { SignIn } from '../../provider/entra.ts';
import type { PictureFetcher } from '../../provider/provider.ts';
import type { Egress } from '../../webhooks/egress.ts';

const longestMs = 60_000;
const mostTries = 3;
const mostRedirects = 3;
const firstDelayMs = 500;

export function createPictureFetcher(egress: Egress, getToken: SignIn): PictureFetcher {
  return async (deployment, address, signal) => {
    const endsAtMs = performance.now() + longestMs;
    const origin = new URL(deployment.baseUrl).origin;
    let url = parseAddress(address, deployment);
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      if (url === null) return missing('it is neither base64 nor an http address');
      if (!mayFetchPicture(deployment, url)) return missing(describeRefusal(deployment, url));
      const signedIn =
        url.origin === origin ? await signedInTo(deployment, url, getToken) : { url, headers: {} };
      if ('failure' in signedIn) return missing(signedIn.failure);
      const outcome = await getPatiently(egress, {
        url: signedIn.url.href,
        headers: signedIn.headers,
        trustedOrigin: origin,
        maxBytes: maxPictureBytes,
        endsAtMs,
        signal,
      });
      if (outcome.status === 'refused')
        return missing(`it is an address on ${url.host}, which ${outcome.reason}`);
      if (outcome.status === 'failed')
        return missing(`its address on ${url.host} could not be read: ${outcome.error}`);
      const { httpStatus, location, body } = outcome;
      if (httpStatus === 200) {
        const sha256 = createHash('sha256').update(body).digest('hex');
        return { status: 'fetched', picture: { bytes: body, sha256 } };
      }
      if (httpStatus < 300 || httpStatus >= 400 || location === null)
        return missing(`its address on ${url.host} answers HTTP ${httpStatus}`);
      url = URL.parse(location, url.href);
    }
    return missing(`its address redirects more than ${mostRedirects} times`);
  };
}

type Get = Omit<Parameters<Egress['get']>[0], 'timeoutMs'> & { endsAtMs: number };

/** Tries again after a failure that may pass: the picture has been paid for. */
async function getPatiently(egress: Egress, { endsAtMs, ...get }: Get) {
  for (let tries = 1; ; tries += 1) {
    const outcome = await egress.get({ ...get, timeoutMs: endsAtMs - performance.now() });
    const mayPass =
      outcome.status === 'failed' ||
      (outcome.status === 'answered' && [404, 408, 425, 429].includes(outcome.httpStatus)) ||
      (outcome.status === 'answered' && outcome.httpStatus >= 500);
    const delayMs = firstDelayMs * 2 ** (tries - 1);
    const isOver = tries >= mostTries || performance.now() + delayMs >= endsAtMs;
    if (!mayPass || isOver || get.signal.aborted) return outcome;
    await delay(delayMs, undefined, { signal: get.signal }).catch(() => undefined);
  }
}

/** Servers also write an address without their own host. */
function parseAddress(address: string, { baseUrl }: Deployment): URL | null {
  const url = /^(https?:)?\//i.test(address) ? URL.parse(address, baseUrl) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}

/**
 * The address and the headers as calls of the deployment have them. Parameters that the address has
 * itself stay as they are written: they may be signed.
 */
async function signedInTo(
  { provider, apiKey, entra, headers, query }: Deployment,
  address: URL,
  getToken: SignIn,
): Promise<{ url: URL; headers: Record<string, string> } | { failure: string }> {
  const url = new URL(address);
  const missing = Object.entries(query).filter(([name]) => !url.searchParams.has(name));
  if (missing.length > 0)
    url.search = [url.search, new URLSearchParams(missing).toString()].filter(Boolean).join('&');
  if (entra === null && apiKey === null) return { url, headers: { ...headers } };
  if (entra === null && provider === 'azure')
    return { url, headers: { 'api-key': apiKey ?? '', ...headers } };
  try {
    const token = entra === null ? apiKey : await getToken(entra);
    return { url, headers: { authorization: `Bearer ${token}`, ...headers } };
  } catch (error) {
    return { failure: `its address on ${url.host} needs a token: ${(error as Error).message}` };
  }
}

function describeRefusal({ name }: Deployment, { host }: URL): string {
  return (
    `it is an address on ${host}, from which Kiln may not fetch pictures; set response_format: ` +
    `b64_json for the deployment "${name}", or list the host in its image_hosts`
  );
}

function missing(reason: string): FetchedPicture {
  return { status: 'missing', reason };
}
