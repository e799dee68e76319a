import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findViolations, readImports, readSources } from '../../scripts/check-arrows.ts';

function violationsOf(path: string, ...specifiers: string[]): string[] {
  return findViolations([
    { path, text: specifiers.map((name) => `import { x } from '${name}';\n`).join('') },
  ]);
}

test('every import of the sources follows the arrows of the architecture', () => {
  const sources = readSources(join(import.meta.dirname, '..', '..'));
  expect(sources.length).toBeGreaterThan(0);
  expect(findViolations(sources)).toEqual([]);
});

describe('a planted import is found', () => {
  test.each([
    ['an app importing another', 'apps/api/src/app.ts', '../../worker/src/workers.ts'],
    ['an app importing another by its package', 'apps/api/src/app.ts', '@kiln/worker/workers'],
    ['an app reaching for a port', 'apps/api/src/routes/jobs.ts', '@kiln/shared/records/jobs'],
    [
      'an app reaching for a port by its path',
      'apps/api/src/routes/jobs.ts',
      '../../../../packages/shared/src/records/jobs.ts',
    ],
    ['the simulator sharing a schema', 'apps/simulator/src/main.ts', '@kiln/shared/schemas/job'],
    ['a port importing another', 'packages/shared/src/records/jobs/jobs.ts', '../queue/catalogue.ts'],
    ['a port importing a service', 'packages/shared/src/queue/producer.ts', '../services/jobs.ts'],
    ['the domain doing I/O', 'packages/shared/src/models/cost.ts', 'node:fs'],
    ['imaging reaching for the records', 'packages/shared/src/imaging/imaging.ts', '../records/files.ts'],
    ['imaging reaching for the store', 'packages/shared/src/imaging/imaging.ts', '../storage/open-store.ts'],
    ['a service importing the web framework', 'packages/shared/src/services/jobs/jobs.ts', 'fastify'],
    ['records importing the queue library', 'packages/shared/src/records/jobs/jobs.ts', 'bullmq'],
    ['the bottom importing upwards', 'packages/shared/src/errors.ts', './config.ts'],
    ['a service importing composition as a value', 'packages/shared/src/services/jobs/jobs.ts', '../deps.ts'],
    ['a package importing an app', 'packages/shared/src/deps.ts', '../../../apps/api/src/app.ts'],
    ['a folder without a rule', 'packages/shared/src/misc/things.ts', '../errors.ts'],
  ])('%s', (_what, path, specifier) => {
    expect(violationsOf(path, specifier)).toHaveLength(1);
  });
});

test('what the rules allow is not reported', () => {
  expect(
    violationsOf('apps/api/src/routes/jobs.ts', '../app.ts', '@kiln/shared/services/jobs', 'fastify'),
  ).toEqual([]);
  expect(
    violationsOf('apps/api/src/deps.ts', '@kiln/shared/records/database', '@kiln/shared/queue/producer'),
  ).toEqual([]);
  expect(
    violationsOf('packages/shared/src/services/jobs/jobs.ts', '../records/jobs.ts', '../quota/guard.ts'),
  ).toEqual([]);
  expect(
    findViolations([
      {
        path: 'packages/shared/src/services/jobs/jobs.ts',
        text: "import type { Deps } from '../deps.ts';\n",
      },
    ]),
  ).toEqual([]);
});

test('every form of import is read, comments are not', () => {
  const text = [
    "import 'a';",
    "import b from 'b';",
    'import {',
    '  c,',
    "} from 'c';",
    "import type { D } from 'd';",
    "export { e } from 'e';",
    "export * from 'f';",
    "const g = await import('g');",
    "// import 'h';",
    " * import 'i';",
    "const text = `from 'j'`;",
  ].join('\n');
  expect(readImports(text).map(({ specifier }) => specifier)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect(readImports(text).filter(({ typeOnly }) => typeOnly)).toEqual([{ specifier: 'd', typeOnly: true }]);
});
