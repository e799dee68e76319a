/**
 * Signs in with Microsoft Entra ID as this machine is configured for: a managed identity, a service
 * principal or `az login`. Requests for tokens heed the proxies; those to the machine's own
 * identity service go directly.
 */
import type { DefaultAzureCredential } from '@azure/identity';
import type { Proxies } from '../config/proxies.ts';
import { createHttpsAgent } from './sdk-agents.ts';

/**
 * Authorities that the library can look up. It would ask login.microsoftonline.com about any other,
 * which a separate cloud cannot reach.
 */
const knownAuthority = /(^|\.)(microsoftonline\.(com|us|de|cn)|chinacloudapi\.cn|windows\.net)$/;

/**
 * The library is loaded here, because most processes need none.
 * @param authority null: as `AZURE_AUTHORITY_HOST` says, else the public cloud
 */
export async function createAzureCredential(
  authority: string | null,
  proxies: Proxies,
): Promise<DefaultAzureCredential> {
  const identity = await import('@azure/identity');
  return new identity.DefaultAzureCredential({
    agent: createHttpsAgent(proxies, { keepAlive: true }),
    ...(authority !== null && {
      authorityHost: authority,
      disableInstanceDiscovery: !knownAuthority.test(new URL(authority).hostname),
    }),
  });
}
