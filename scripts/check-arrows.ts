/**
 * The import rules of the architecture ("Boundaries"): which part of the code may import which. The tables come
 * first; to allow an arrow is to write it there. tests/, scripts/ and bench/ may import anything.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';

interface Rule {
  /** Parts it may import, besides itself. */
  may: readonly string[];
  /** Parts it may import types from. */
  mayTypes?: readonly string[];
  /** Packages (or their prefixes, such as `node:`) it may not import. */
  never?: readonly string[];
}

const base = ['errors', 'ids', 'clock'];
const shapes = ['schemas', 'domain'];
const roots = ['config', 'logger'];
const ports = ['records', 'queue', 'quota', 'provider', 'storage', 'imaging', 'webhooks', 'tabular'];
const io = [
  'node:fs',
  'node:http',
  'node:https',
  'node:net',
  'pg',
  'ioredis',
  'bullmq',
  'kysely',
  'undici',
  'fastify',
];
const port: Rule = { may: [...base, ...shapes, ...roots], never: ['bullmq', 'fastify'] };

/** The folders and files of packages/shared/src, from the bottom up. */
export const sharedRules: Readonly<Record<string, Rule>> = {
  errors: { may: base, never: io },
  ids: { may: base, never: io },
  clock: { may: base, never: io },
  // Pure: no I/O, no clock of its own, and so nothing of Node.js either.
  domain: { may: [...base, 'schemas'], never: [...io, 'node:'] },
  schemas: { may: [...base, 'domain'], never: io },
  config: { may: [...base, ...shapes, 'logger'] },
  logger: { may: [...base, ...shapes, 'config'] },
  process: { may: [...base, ...roots] },
  records: port,
  queue: { ...port, never: ['fastify'] },
  quota: port,
  provider: port,
  storage: port,
  imaging: port,
  webhooks: port,
  tabular: port,
  services: {
    may: [...base, ...shapes, ...roots, ...ports],
    mayTypes: ['deps'],
    never: ['bullmq', 'fastify'],
  },
  // Composition: opens everything, so it may see everything.
  deps: { may: [...base, ...shapes, ...roots, ...ports, 'services'] },
};

/** What an app may import from @kiln/shared; its composition files also open the ports. */
export const appMay = [...base, ...roots, 'process', 'schemas', 'services', 'deps'];
export const compositionFiles = ['main.ts', 'deps.ts', 'workers.ts', 'processor.ts'];
/** A shared schema would agree with itself. */
export const appsWithoutShared = ['simulator'];

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  path: string;
  text: string;
}

export interface Import {
  specifier: string;
  typeOnly: boolean;
}

/** One sentence for each import that no rule allows. */
export function findViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    readImports(file.text).flatMap((imported) => {
      const reason = explain(file.path, imported);
      return reason === undefined ? [] : [`${file.path} imports '${imported.specifier}': ${reason}`];
    }),
  );
}

/** TypeScript 7 has no compiler API; our formatted sources are regular enough for an expression. */
export function readImports(text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const statement =
    /^\s*(?:import|export)\s+(?<type>type\s)?(?:[\w*$\s{},]*?\sfrom\s+)?['"](?<static>[^'"]+)['"]|\bimport\(\s*['"](?<dynamic>[^'"]+)['"]/gm;
  return [...code.matchAll(statement)].map(({ groups = {} }) => ({
    specifier: groups['static'] ?? groups['dynamic'] ?? '',
    typeOnly: groups['type'] !== undefined,
  }));
}

function explain(path: string, imported: Import): string | undefined {
  const from = locate(path);
  const to = locateImport(path, imported.specifier);
  if (from === undefined) return undefined;
  if (to === undefined)
    return from.area === 'shared' ? explainPackage(from.part, imported.specifier) : undefined;
  if (from.area === 'shared')
    return to.area === 'shared' ? explainShared(from.part, to.part, imported) : 'packages never import apps';
  if (to.area === 'app') return from.part === to.part ? undefined : 'apps never import each other';
  return explainApp(path, from.part, to.part);
}

function explainShared(from: string, to: string, { typeOnly }: Import): string | undefined {
  const rule = sharedRules[from];
  if (rule === undefined) return `${from} has no rule in scripts/check-arrows.ts`;
  if (from === to || rule.may.includes(to) || (typeOnly && rule.mayTypes?.includes(to))) return undefined;
  return `${from} may import ${rule.may.join(', ')}`;
}

function explainPackage(from: string, specifier: string): string | undefined {
  const isMeant = (name: string): boolean =>
    specifier === name || specifier.startsWith(name.endsWith(':') ? name : `${name}/`);
  return sharedRules[from]?.never?.some(isMeant) ? `${from} must not use it` : undefined;
}

function explainApp(path: string, app: string, part: string): string | undefined {
  if (appsWithoutShared.includes(app)) return `${app} imports nothing of @kiln/shared`;
  if (appMay.includes(part)) return undefined;
  if (compositionFiles.includes(basename(path)) && part in sharedRules) return undefined;
  return `an app may import ${appMay.join(', ')}; in ${compositionFiles.join(' and ')} also the ports`;
}

interface Place {
  area: 'shared' | 'app';
  /** The folder or root file of packages/shared/src, or the app's name. */
  part: string;
}

function locate(path: string): Place | undefined {
  const [top, name, , inner = ''] = path.split('/');
  if (top === 'apps' && name !== undefined) return { area: 'app', part: name };
  if (top === 'packages' && name === 'shared') return { area: 'shared', part: inner.replace(/\.ts$/, '') };
  return undefined;
}

function locateImport(path: string, specifier: string): Place | undefined {
  if (specifier.startsWith('.')) return locate(posix.join(posix.dirname(path), specifier));
  if (specifier.startsWith('@kiln/shared/'))
    return locate(`packages/shared/src/${specifier.slice('@kiln/shared/'.length)}`);
  const app = /^@kiln\/([^/]+)/.exec(specifier)?.[1];
  return app === undefined ? undefined : { area: 'app', part: app };
}

export function readSources(root: string): SourceFile[] {
  return globSync(['apps/*/src/**/*.{ts,tsx}', 'packages/*/src/**/*.ts'], { cwd: root }).map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(join(root, path), 'utf8'),
  }));
}

if (import.meta.main) {
  const violations = findViolations(readSources(join(import.meta.dirname, '..')));
  if (violations.length > 0) {
    console.error(violations.join('\n'));
    process.exit(1);
  }
}
