/** Environments whose KILN_DEPLOYMENTS names a file with this content. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { base } from './environments.ts';

const { path: folder } = temporaryFolder('deployments');
const { DATABASE_URL } = base;

function fileOf(content: unknown): string {
  const path = join(folder, `${Math.random()}.yaml`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

export function environmentOf(content: unknown) {
  return { DATABASE_URL, WEST_KEY: 'west-key', KILN_DEPLOYMENTS: fileOf(content) };
}

export const pools = [{ name: 'west', rpm: 9 }];
export const west = {
  name: 'west-2',
  pool: 'west',
  provider: 'azure',
  model: 'gpt-image-2',
  endpoint: 'https://west.openai.azure.com',
  api_key_env: 'WEST_KEY',
};
