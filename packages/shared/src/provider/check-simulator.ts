/**
 * Refuses a start where the simulator would be the provider and its host does not exist. The
 * compose file names the simulator's host in any case, and the host exists only with the profile
 * `demo`; without this check a missing key would be noticed by jobs that wait for ever.
 */
import { lookup } from 'node:dns/promises';
import { simulatorName, type Deployment } from '../models/deployment.ts';

export async function checkSimulatorHost(deployments: readonly Deployment[]): Promise<void> {
  const simulator = deployments.find(({ name }) => name === simulatorName);
  if (simulator === undefined) return;
  const host = new URL(simulator.baseUrl).hostname.replace(/^\[|\]$/g, '');
  try {
    await lookup(host);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Error(
      'no provider is configured, and the simulator cannot be used instead, because the host ' +
        `"${host}" of KILN_SIMULATOR_URL cannot be found (${code}): set the ` +
        'AZURE_OPENAI_API_IMAGE_… variables, OPENAI_API_KEY or KILN_DEPLOYMENTS, or start the ' +
        'simulator (docker compose --profile demo up)',
      { cause: error },
    );
  }
}
