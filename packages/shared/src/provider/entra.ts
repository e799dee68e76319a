/**
 * Microsoft Entra ID, for Azure deployments without a key: a token as the machine is signed in (a
 * managed identity, a service principal,
 * `az login`).
 */

/** Gives a valid token; throws a `CredentialsError`. */
export type SignIn = () => Promise<string>;

const scope = 'https://cognitiveservices.azure.com/.default';

export class CredentialsError extends Error {
  override name = 'CredentialsError';
}

/**
 * Tokens are kept until shortly before they expire. The library is loaded with the first one: most
 * processes need none.
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
      // No cause: what is read of an error is the deepest one, and this sentence says more.
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
