/** The documents and the code agree: whatever one lists, the other has. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseConfig } from '@kiln/shared/config';
import { errorCatalogue } from '@kiln/shared/errors';
import { classifyFault } from '@kiln/shared/provider/faults/classify-fault';
import { faultCodes } from '@kiln/shared/provider/faults/fault-codes';
import { describe, expect, test } from 'vitest';
import { readEnvFile } from '../../scripts/start/read-env.ts';
import { environmentSchema } from '@kiln/shared/config/environment';
import { compositeSkipCodes } from '@kiln/shared/models/composite-rules';
import { warningCodes } from '@kiln/shared/models/job-findings';

const root = resolve(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/**
 * The rows of the first table below a heading, cells without their back-quotes; a `\|` is part of a
 * cell.
 */
function tableBelow(heading: string, document: string): string[][] {
  const start = document.indexOf(`\n## ${heading}\n`);
  if (start === -1) throw new Error(`there is no heading "${heading}"`);
  const section = document.slice(start + 1).split(/\n(?=## )/)[0] ?? '';
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  );
}

function firstCells(rows: readonly string[][]): string[] {
  return rows.map(([cell = '']) => cell).toSorted();
}

describe('docs/errors.md', () => {
  const document = read('docs/errors.md');

  test('has every error code as it is answered, and no other', () => {
    const documented = tableBelow('Error codes', document).map(([code, status, type, retry]) => [
      code,
      status,
      type,
      retry,
    ]);
    const inCode = Object.entries(errorCatalogue).map(([code, kind]) => [
      code,
      String(kind.status),
      kind.type,
      kind.retry ? 'yes' : 'no',
    ]);
    expect(documented).toEqual(inCode);
  });

  test('has every fault code, and no other', () => {
    expect(firstCells(tableBelow('Fault codes', document))).toEqual(
      faultCodes.map(({ code }) => code).toSorted(),
    );
  });

  test.each([
    ['rate_limited', 429, {}],
    ['pool_paused_auth', 401, {}],
    ['pool_paused_deployment', 404, {}],
    ['pool_paused_billing', 402, {}],
    ['provider_rejected_parameters', 400, {}],
    ['provider_rejected_size', 413, {}],
    ['content_policy', 400, { error: { code: 'content_policy_violation' } }],
    ['provider_timeout', 504, {}],
    ['provider_error', 500, {}],
    ['unexpected_status', 409, {}],
    ['unusable_answer', 200, {}],
  ] as const)('gives %s the class that the code gives it', (code, status, body) => {
    const fault = classifyFault({ kind: 'http', status, headers: {}, body }, 0);
    const row = tableBelow('Fault codes', document).find(([documented]) => documented === code);
    expect([fault.code, fault.class]).toEqual([code, row?.[1]]);
  });

  test('has every composite code, and no other', () => {
    expect(firstCells(tableBelow('Composite codes', document))).toEqual(
      compositeSkipCodes.toSorted(),
    );
  });

  test('has every warning code, and no other', () => {
    expect(firstCells(tableBelow('Warning codes', document))).toEqual(warningCodes.toSorted());
  });
});

describe('docs/configuration.md', () => {
  const document = read('docs/configuration.md');
  const variables = tableBelow('Kiln', document);
  const ofSimulator = tableBelow('The simulator', document);

  test('has every variable of Kiln, and no other', () => {
    expect(firstCells(variables)).toEqual(Object.keys(environmentSchema.shape).toSorted());
  });

  test('has the defaults of the code', () => {
    const defaults: Record<string, string | number | undefined> = environmentSchema.parse({
      DATABASE_URL: 'postgres://host/kiln',
    });
    // parseConfig computes these defaults from other variables.
    const computed = [
      'DATABASE_URL',
      'STORAGE_URL',
      'KILN_SHUTDOWN_GRACE_MS',
      'AZURE_OPENAI_API_VERSION',
      'KILN_ENTRA_SCOPE',
      'AZURE_AUTHORITY_HOST',
    ];
    for (const [name = '', shown] of variables.filter(([name = '']) => !computed.includes(name))) {
      expect(`${name}: ${shown}`).toBe(`${name}: ${defaults[name] ?? 'none'}`);
    }
  });

  test.each(
    variables.flatMap(([name = '', , range = '']) =>
      /^[\d.]+–[\d.]+$/.test(range) ? [[name, range]] : [],
    ),
  )('%s accepts %s and no number outside that range', (name = '', range = '') => {
    const [min = 0, max = 0] = range.split('–').map(Number);
    const isTaken = (value: number) =>
      environmentSchema.safeParse({ DATABASE_URL: 'postgres://host/kiln', [name]: String(value) })
        .success;
    expect([min, max].map(isTaken)).toEqual([true, true]);
    expect([min === 0 ? -1 : min / 2, max + 1].map(isTaken)).toEqual([false, false]);
  });

  test('has every variable of the simulator, and no other', () => {
    const names =
      read('apps/simulator/src/config.ts').match(/\b(?:SIMULATOR_[A-Z_]+|LOG_LEVEL)\b/g) ?? [];
    expect(firstCells(ofSimulator)).toEqual([...new Set(names)].toSorted());
  });
});

describe('.env.example', () => {
  const simulator = {
    DATABASE_URL: 'postgres://host/kiln',
    KILN_SIMULATOR_URL: 'http://127.0.0.1:1',
  };

  test('copied as it is, runs with the simulator', () => {
    expect(
      parseConfig({ ...readEnvFile(join(root, '.env.example')), ...simulator }).deployments,
    ).toMatchObject([{ name: 'simulator' }]);
  });

  const lines = read('.env.example')
    .split('\n')
    .flatMap((line) => /^# ([A-Z_]+)=(.*)$/.exec(line) ?? []);
  const examples = Array.from({ length: lines.length / 3 }, (_, index) =>
    lines.slice(index * 3 + 1, index * 3 + 3),
  );

  test('names variables that exist', () => {
    expect(examples.length).toBeGreaterThan(0);
    expect(
      examples.map(([name]) => name).filter((name) => !(String(name) in environmentSchema.shape)),
    ).toEqual([]);
  });

  test.each(examples.filter(([, value = '']) => value.startsWith('<')))(
    '%s, uncommented and left as %s, is refused by name',
    (name = '', value = '') => {
      expect(() => parseConfig({ ...simulator, [name]: value })).toThrow(
        `${name} still contains the placeholder`,
      );
    },
  );
});

describe('docs/api.md', () => {
  test('has every route of the API, and no other', () => {
    const routes = globSync('apps/api/src/routes/**/*.ts', { cwd: root }).flatMap((path) =>
      [...read(path).matchAll(/\bapp\.(get|post|put|patch|delete)\(\s*'([^']+)'/g)].map(
        ([, method = '', url = '']) =>
          `${method.toUpperCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`,
      ),
    );
    const api = read('docs/api.md');
    const [, , ...rows] =
      api
        .split('\n\n')
        .find((part) => part.startsWith('| route |'))
        ?.split('\n') ?? [];
    expect(rows.map((row) => /`([^`]+)`/.exec(row)?.[1] ?? row).toSorted()).toEqual(
      routes.toSorted(),
    );
  });
});

describe('README.md', () => {
  const readme = read('README.md');

  test('names scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, run, own = '']) => run ?? own,
    );
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'check', 'bench']));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('has the first command that npm start prints', () => {
    const printed = /\n {2}(curl [^]*?)\n`\);/.exec(read('scripts/start.ts'))?.[1] ?? 'no command';
    const command = printed
      .replace('${url}', 'http://127.0.0.1:8080')
      .replace('${key}', '')
      .replaceAll('\\\\', '\\')
      .replaceAll(/\n +/g, '\n  ');
    expect(readme).toContain(command);
  });

  test('is short', () => {
    expect(readme.split('\n').length).toBeLessThan(150);
  });
});

describe('what the documents refer to exists', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...globSync('docs/**/*.md', { cwd: root }),
  ];

  test.each(documents)('links of %s', (path) => {
    const links = [...read(path).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(
      ([, link = '']) => link,
    );
    const broken = links.filter((link) => {
      const [file = '', heading] = link.split('#');
      const target = file === '' ? join(root, path) : join(root, dirname(path), file);
      return (
        !existsSync(target) ||
        (heading !== undefined && !headingsOf(readFileSync(target, 'utf8')).includes(heading))
      );
    });
    expect(broken).toEqual([]);
  });

  test.each(documents.filter((path) => path.startsWith('docs/')))('source files of %s', (path) => {
    const named = [...read(path).matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|mjs|json))`/g)].map(
      ([, file = '']) => file,
    );
    const missing = named.filter(
      (file) => !['', 'packages/shared/src'].some((folder) => existsSync(join(root, folder, file))),
    );
    expect(missing).toEqual([]);
  });
});

/** The anchors that GitHub makes of the headings. */
function headingsOf(document: string): string[] {
  return [...document.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
