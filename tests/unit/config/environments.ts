/** Valid environments, and the problems of others. */
import { parseConfig } from '@kiln/shared/config';
import { ConfigurationError } from '@kiln/shared/errors';
import type { Environment } from '@kiln/shared/config/environment';

export const base = {
  DATABASE_URL: 'postgres://kiln:hunter2@db/kiln',
  KILN_SIMULATOR_URL: 'http://127.0.0.1:9000',
};
export const azure = {
  DATABASE_URL: base.DATABASE_URL,
  AZURE_OPENAI_API_IMAGE_KEY: 'azure-key',
  AZURE_OPENAI_API_IMAGE_ENDPOINT: 'https://mine.openai.azure.com',
  AZURE_OPENAI_API_IMAGE_MODEL: 'gpt-image-2',
};

/** The problems of an environment; fails when there are none. */
export function problemsOf(environment: Environment): readonly string[] {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('the environment was accepted');
}
