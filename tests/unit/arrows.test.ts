import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  findCircles,
  findStaleRules,
  findViolations,
  readImports,
  readSources,
  type SourceFile,
} from '../../scripts/check-arrows.ts';

const root = join(import.meta.dirname, '..', '..');

function violationsOf(path: string, ...specifiers: string[]): string[] {
  return findViolations([
    { path, text: specifiers.map((name) => `import { x } from '${name}';\n`).join('') },
  ]);
}

test('every import of the sources follows the arrows of the architecture', () => {
  const sources = readSources(root);
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
    ['the studio sharing a schema', 'apps/web/src/app/Frame.tsx', '@kiln/shared/schemas/job'],
    [
      'the studio reaching for a schema by its path',
      'apps/web/src/app/Frame.tsx',
      '../../../../packages/shared/src/schemas/job.ts',
    ],
    ['the API using the client of itself', 'apps/api/src/app.ts', '@kiln/client/client'],
    ['the client sharing a schema', 'packages/client/src/client.ts', '@kiln/shared/schemas/job'],
    ['the simulator sharing a schema', 'apps/simulator/src/main.ts', '@kiln/shared/schemas/job'],
    [
      'a port importing another',
      'packages/shared/src/records/jobs/jobs.ts',
      '../../queue/catalogue.ts',
    ],
    ['the domain importing a schema', 'packages/shared/src/domain/cost.ts', '../schemas/job.ts'],
    ['a schema importing a model rule', 'packages/shared/src/schemas/job.ts', '../models/cost.ts'],
    ['a port importing a service', 'packages/shared/src/queue/producer.ts', '../services/jobs.ts'],
    ['the domain doing I/O', 'packages/shared/src/models/cost.ts', 'node:fs'],
    [
      'imaging reaching for the records',
      'packages/shared/src/imaging/imaging.ts',
      '../records/files.ts',
    ],
    [
      'imaging reaching for the store',
      'packages/shared/src/imaging/imaging.ts',
      '../storage/open-store.ts',
    ],
    [
      'a service importing the web framework',
      'packages/shared/src/services/jobs/jobs.ts',
      'fastify',
    ],
    ['records importing the queue library', 'packages/shared/src/records/jobs/jobs.ts', 'bullmq'],
    ['the bottom importing upwards', 'packages/shared/src/errors.ts', './config.ts'],
    [
      'a service importing composition as a value',
      'packages/shared/src/services/jobs/jobs.ts',
      '../../deps.ts',
    ],
    ['a package importing an app', 'packages/shared/src/deps.ts', '../../../apps/api/src/app.ts'],
    ['a folder without a rule', 'packages/shared/src/misc/things.ts', '../errors.ts'],
  ])('%s', (_what, path, specifier) => {
    expect(violationsOf(path, specifier)).toHaveLength(1);
  });
});

test('what the rules allow is not reported', () => {
  const allowed: [string, ...string[]][] = [
    ['apps/api/src/routes/jobs.ts', '../app.ts', '@kiln/shared/services/jobs/jobs', 'fastify'],
    ['apps/api/src/deps.ts', '@kiln/shared/records/pools', '@kiln/shared/queue/producer'],
    ['apps/web/src/api/client.ts', '@kiln/client/client', './session.ts', 'react'],
    ['packages/client/src/client.ts', './openapi.ts', 'openapi-fetch'],
    ['packages/shared/src/services/models.ts', '../records/pools.ts', '../quota/pace.ts'],
    ['packages/shared/src/models/cost.ts', '../schemas/job-request.ts', '../domain/endpoints.ts'],
  ];
  expect(allowed.flatMap(([path, ...specifiers]) => violationsOf(path, ...specifiers))).toEqual([]);
});

describe('circles', () => {
  test('two files that import each other are found, types included', () => {
    expect(
      findViolations([
        { path: 'packages/shared/src/domain/a.ts', text: "import { b } from './b.ts';\n" },
        { path: 'packages/shared/src/domain/b.ts', text: "import type { A } from './a.ts';\n" },
      ]),
    ).toEqual([expect.stringContaining('domain/a.ts → packages/shared/src/domain/b.ts → ')]);
  });

  test('a circle of three is found however it is entered', () => {
    const graph = new Map([
      ['entry', ['b']],
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
    ]);
    expect(findCircles(graph)).toEqual([['b', 'c', 'a', 'b']]);
  });

  test('two rooms of services/ that import each other are found without a circle of files', () => {
    const services = 'packages/shared/src/services';
    expect(
      findViolations([
        { path: `${services}/jobs/a.ts`, text: "import { b } from '../events/b.ts';\n" },
        { path: `${services}/events/c.ts`, text: "import { d } from '../jobs/d.ts';\n" },
      ]),
    ).toEqual([expect.stringContaining('services/jobs → services/events → services/jobs')]);
  });
});

test('a folder of 21 files and a file of 401 lines are reported, 20 and 400 are not', () => {
  const filesOf = (count: number): SourceFile[] =>
    Array.from({ length: count }, (_, index) => ({ path: `bench/${index}.ts`, text: '' }));
  const fileOf = (lines: number): SourceFile[] => [
    { path: 'bench/a.ts', text: Array.from({ length: lines }, () => '// line\n').join('') },
  ];
  expect(findViolations(filesOf(20))).toEqual([]);
  expect(findViolations(filesOf(21))).toEqual(['bench has 21 files; 20 are allowed']);
  expect(findViolations(fileOf(400))).toEqual([]);
  expect(findViolations(fileOf(401))).toEqual(['bench/a.ts has 401 lines; 400 are allowed']);
});

test('there is no rule for a room that does not exist', () => {
  expect(findStaleRules(root)).toEqual([]);
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
  expect(readImports(text).join('')).toBe('abcdefg');
});
