/**
 * Secrets in files: `NAME_FILE` names a file with the value of `NAME`, as Docker, Podman and
 * Kubernetes mount secrets. A line break at the end of the file is not part of the value. Messages
 * name the file and never repeat what is in it.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Environment } from './environment.ts';

/** Secrets that Kiln reads itself. A unit test compares them with all variables of Kiln. */
const secretsOfKiln = [
  'DATABASE_URL',
  'DATABASE_PASSWORD',
  'REDIS_URL',
  'REDIS_PASSWORD',
  'KILN_API_KEYS',
  'AZURE_OPENAI_API_IMAGE_KEY',
  'AZURE_OPENAI_API_KEY',
  'OPENAI_API_KEY',
  'AZURE_STORAGE_CONNECTION_STRING',
  'HTTPS_PROXY',
  'HTTP_PROXY',
] as const;

/** Secrets that the SDKs of S3 and of Microsoft Entra ID read from the process's environment. */
const secretsOfSdks = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AZURE_CLIENT_SECRET',
] as const;

export const secretVariables: readonly string[] = [...secretsOfKiln, ...secretsOfSdks];

/** More than this is not a secret, but another file. */
const maxFileBytes = 65_536;

/**
 * Values that replace those of unusable files, so that a mistake is not reported a second time as a
 * missing value. Such a configuration is never used.
 */
const standIns: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://unreadable',
  REDIS_URL: 'redis://unreadable',
  AZURE_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true',
  HTTPS_PROXY: 'http://unreadable',
  HTTP_PROXY: 'http://unreadable',
};

/** Whether the variable, or the file with its value, is named. */
export function isSet(environment: Environment, name: string): boolean {
  return [name, `${name}_FILE`].some((each) => (environment[each] ?? '').trim() !== '');
}

/**
 * Returns the environment with the values from files.
 * @param problems gets a sentence for each file that cannot be used
 */
export function readSecretFiles(environment: Environment, problems: string[]): Environment {
  const read = secretVariables.flatMap((name) => {
    const value = readSecret(environment, name, (why) => problems.push(`${name}_FILE ${why}`));
    return value === null ? [] : [[name, value] as const];
  });
  return { ...environment, ...Object.fromEntries(read) };
}

/** The values of files that the SDKs expect in the environment. */
export function secretsForSdks(
  environment: Environment,
  withFiles: Environment,
): Record<string, string> {
  return Object.fromEntries(
    secretsOfSdks.flatMap((name) => {
      const value = withFiles[name];
      return value === undefined || value === environment[name] ? [] : [[name, value]];
    }),
  );
}

/**
 * Returns the value of a variable that the file of deployments names, from the environment or from
 * a file; empty when it is in neither.
 */
export function readVariable(
  environment: Environment,
  name: string,
  report: (why: string) => void,
): string {
  const fromFile = readSecret(environment, name, (why) => report(`${name}_FILE ${why}`));
  return (fromFile ?? environment[name] ?? '').trim();
}

/** Returns null where no file is named, and a stand-in where it cannot be used. */
function readSecret(
  environment: Environment,
  name: string,
  report: (why: string) => void,
): string | null {
  const path = environment[`${name}_FILE`]?.trim() ?? '';
  if (path === '') return null;
  if ((environment[name] ?? '').trim() !== '') {
    report(`is set, and ${name} as well: remove one of them`);
    return null;
  }
  return readValue(path, report) ?? standIns[name] ?? 'unreadable';
}

function readValue(path: string, report: (why: string) => void): string | null {
  try {
    const file = statSync(path);
    if (!file.isFile()) {
      report(`names ${path}, which is no file but a folder, a pipe or a device`);
      return null;
    }
    const { size } = file;
    if (size > maxFileBytes) {
      report(
        `names ${path}, which has ${size} bytes; a secret has at most ${maxFileBytes}: is it ` +
          'the right file?',
      );
      return null;
    }
    const value = readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .trim();
    if (value !== '') return value;
    report(`names ${path}, which is empty`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    report(`names ${path}, which cannot be read (${code ?? 'unknown error'})`);
  }
  return null;
}
