/**
 * Tokens of Microsoft Entra ID for Azure deployments without a key, from whatever signs this
 * machine in: a managed identity, a service principal or `az login`.
 */

/** Returns a valid token; throws a `CredentialsError`. */
export type SignIn = () => Promise<string>;

const scope = 'https://cognitiveservices.azure.com/.default';

export class CredentialsError extends Error {
  override name = 'CredentialsError';
}

/**
 * Tokens are cached until shortly before they expire. The library is loaded with the first token,
 * because most processes need none.
 */
export function signIn(): SignIn {
  let provider: Promise<SignIn> | null = null;
  return async () => {
    try {
      provider ??= loadProvider();
      return await (
        await provider
      )();
    } catch (error) {
      // No `cause`: callers report the deepest cause, and this sentence says more.
      throw new CredentialsError(
        `no token from Microsoft Entra ID, and the deployment has no key: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
}

async function loadProvider(): Promise<SignIn> {
  const { DefaultAzureCredential, getBearerTokenProvider } = await import('@azure/identity');
  return getBearerTokenProvider(new DefaultAzureCredential(), scope);
}
