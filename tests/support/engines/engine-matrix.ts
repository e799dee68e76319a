/**
 * Which queue engines a test file runs on. Files whose subject is the queue run on both; every
 * other file runs on one, chosen by its name, so that the same file always meets the same engine.
 * The whole matrix (`npm test -- --all`) runs everything on both, the quick one everything on
 * PostgreSQL.
 */
import { basename } from 'node:path';

export type EngineName = 'postgres' | 'redis';
export const engineNames: EngineName[] = ['postgres', 'redis'];

export const matrices = ['usual', 'all', 'quick'] as const;
export type Matrix = (typeof matrices)[number];

/** `scripts/test.ts` passes the matrix to the processes of the run in this variable. */
export const matrixVariable = 'KILN_TEST_MATRIX';

export function readMatrix(value: string | undefined): Matrix {
  const matrix = matrices.find((name) => name === (value || 'usual'));
  if (matrix === undefined)
    throw new Error(`${matrixVariable} is "${value}"; it must be one of: ${matrices.join(', ')}`);
  return matrix;
}

const matrix = readMatrix(process.env[matrixVariable]);

/** Returns all cases in the whole matrix, and otherwise those that differ in what is tried. */
export function casesOf<T>(few: readonly T[], others: readonly T[], of: Matrix = matrix): T[] {
  return of === 'all' ? [...few, ...others] : [...few];
}

/** Returns the engines of a file whose subject is the queue. */
export function bothEngines(of: Matrix = matrix): EngineName[] {
  return of === 'quick' ? ['postgres'] : engineNames;
}

/**
 * Returns the engines of a file that needs an engine and tests something else.
 * @param file the test file's own path: `import.meta.filename`
 */
export function oneEngine(file: string, of: Matrix = matrix): EngineName[] {
  if (of === 'all') return engineNames;
  if (of === 'quick') return ['postgres'];
  const sum = Buffer.from(basename(file)).reduce((total, byte) => total + byte, 0);
  return [sum % 2 === 0 ? 'postgres' : 'redis'];
}
