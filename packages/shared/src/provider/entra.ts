/** Tokens of Microsoft Entra ID for deployments that use them instead of a key. */
import type { Proxies } from '../config/proxies.ts';
import type { EntraSettings } from '../models/deployment.ts';
import { createAzureCredential } from '../network/azure-credential.ts';

/** Returns a valid token; throws a `CredentialsError`. */
export type SignIn = (entra: EntraSettings) => Promise<string>;

export class CredentialsError extends Error {
  override name = 'CredentialsError';
}

/** Tokens are cached until shortly before they expire, for each scope and authority. */
export function signIn(proxies: Proxies): SignIn {
  const sources = new Map<string, Promise<() => Promise<string>>>();
  return async (entra) => {
    const id = JSON.stringify([entra.scope, entra.authority]);
    try {
      const source = sources.get(id) ?? openSource(entra, proxies);
      sources.set(id, source);
      return await (
        await source
      )();
    } catch (error) {
      // No `cause`: callers report the deepest cause, and this sentence says more.
      throw new CredentialsError(
        `no token from Microsoft Entra ID for ${entra.scope}, and the deployment has no key: ` +
          (error instanceof Error ? error.message : String(error)),
      );
    }
  };
}

async function openSource(
  { scope, authority }: EntraSettings,
  proxies: Proxies,
): Promise<() => Promise<string>> {
  const { getBearerTokenProvider } = await import('@azure/identity');
  return getBearerTokenProvider(await createAzureCredential(authority, proxies), scope);
}
