/**
 * The import rules of docs/architecture.md ("The rooms"), applied by `npm run check`.
 *
 * Four rules: a room imports only the rooms its table names; files form no circle, type-only
 * imports included; the rooms inside `services/` form no circle; a folder holds at most 20 files
 * and a file at most 400 lines. To allow an arrow, write it into the table. `tests/`, `scripts/`
 * and `bench/` may import anything, but keep to the last three rules.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';

interface Rule {
  /** Rooms it may import, besides itself. */
  may: readonly string[];
  /** Packages (or their prefixes, such as `node:`) it may not import. */
  never?: readonly string[];
}

const maxFilesInFolder = 20;
const maxLinesInFile = 400;

const base = ['errors', 'ids', 'deadline', 'event-loop', 'bounded-json'];
const roots = ['config', 'logger'];
const shapes = ['domain', 'schemas', 'models'];
const ports = [
  'records',
  'queue',
  'quota',
  'provider',
  'storage',
  'imaging',
  'webhooks',
  'tabular',
];
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
const port: Rule = { may: [...base, ...shapes, ...roots, 'network'], never: ['bullmq', 'fastify'] };

/**
 * The rooms of packages/shared/src, from the bottom up. A room is a folder or a file at the root.
 */
export const sharedRules: Readonly<Record<string, Rule>> = {
  errors: { may: [], never: io },
  ids: { may: [], never: io },
  deadline: { may: [], never: io },
  'event-loop': { may: [], never: io },
  'bounded-json': { may: [], never: [...io, 'node:'] },
  // Pure: no I/O, no clock of its own, nothing of Node.js.
  domain: { may: [], never: [...io, 'node:'] },
  schemas: { may: [...base, 'domain'], never: io },
  models: { may: [...base, 'domain', 'schemas'], never: [...io, 'node:'] },
  logger: { may: base },
  // Pure rules about keys and sessions; they hash and compare.
  access: { may: [...base, 'domain', 'schemas'], never: io.filter((name) => name !== 'node:net') },
  config: { may: [...base, ...shapes, 'logger'] },
  // Connections through proxies, for every port that calls another machine.
  network: { may: [...base, 'config'] },
  'open-parts': { may: ['logger'] },
  // Loaded before everything else, so it imports nothing.
  'stop-signals': { may: [], never: [...io, 'node:'] },
  process: { may: [...base, ...roots, 'stop-signals'] },
  records: port,
  queue: { ...port, never: ['fastify'] },
  // A configured pool contains the routes that its jobs wait in; `records` defines their type.
  quota: { ...port, may: [...port.may, 'records'] },
  provider: port,
  storage: port,
  imaging: port,
  webhooks: port,
  tabular: port,
  services: {
    may: [...base, ...shapes, ...roots, 'access', ...ports],
    never: ['bullmq', 'fastify'],
  },
  // Composition: opens everything, so it may import everything.
  deps: { may: [...base, ...shapes, ...roots, 'access', ...ports, 'open-parts', 'services'] },
};

/** What an app may import from @kiln/shared; its composition files also open the ports. */
export const appMay = [
  ...base,
  ...roots,
  'open-parts',
  'process',
  'stop-signals',
  'domain',
  'schemas',
  'access',
  'services',
  'deps',
];
export const compositionFiles = ['main.ts', 'run.ts', 'deps.ts', 'workers.ts', 'processor.ts'];
/**
 * The simulator imports nothing of ours: a mistake in a shared schema would be on both sides, and
 * no test would notice it.
 */
export const appsWithoutShared = ['simulator'];
/**
 * Apps that know Kiln only by its HTTP API: of ours they import packages/client, and nothing else.
 */
export const appsOfClient = ['web'];

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  path: string;
  text: string;
}

/**
 * One sentence for each import that no rule allows, each circle, and each room that is too large.
 */
export function findViolations(files: readonly SourceFile[]): string[] {
  return [
    ...files.flatMap(findForbiddenImports),
    ...findFileCircles(files),
    ...findServiceCircles(files),
    ...findLargeFolders(files),
    ...findLongFiles(files),
  ];
}

function findForbiddenImports(file: SourceFile): string[] {
  return readImports(file.text).flatMap((specifier) => {
    const reason = explain(file.path, specifier);
    return reason === undefined ? [] : [`${file.path} imports '${specifier}': ${reason}`];
  });
}

/** TypeScript 7 has no compiler API; our formatted sources are regular enough for expressions. */
const staticImport =
  /^\s*(?:import|export)\s+(?:type\s)?(?:[\w*$\s{},]*?\sfrom\s+)?['"](?<specifier>[^'"]+)['"]/gm;
const dynamicImport = /\bimport\(\s*['"](?<specifier>[^'"]+)['"]/gm;

export function readImports(text: string): string[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return [...code.matchAll(staticImport), ...code.matchAll(dynamicImport)].map(
    ({ groups }) => groups?.['specifier'] ?? '',
  );
}

function explain(path: string, specifier: string): string | undefined {
  const from = locate(path);
  const to = locateImport(path, specifier);
  if (from === undefined) return undefined;
  if (to === undefined)
    return from.area === 'shared' ? explainPackage(from.room, specifier) : undefined;
  if (from.area === 'client')
    return to.area === 'client' ? undefined : 'packages/client imports nothing of ours';
  if (to.area === 'client') {
    const isAllowed = from.area === 'app' && appsOfClient.includes(from.room);
    return isAllowed ? undefined : 'only apps that know the HTTP API alone import packages/client';
  }
  if (from.area === 'shared')
    return to.area === 'shared' ? explainShared(from.room, to.room) : 'packages never import apps';
  if (to.area === 'app') return from.room === to.room ? undefined : 'apps never import each other';
  return explainApp(path, from.room, to.room);
}

function explainShared(from: string, to: string): string | undefined {
  const rule = sharedRules[from];
  if (rule === undefined) return `${from} has no rule in scripts/check-arrows.ts`;
  if (from === to || rule.may.includes(to)) return undefined;
  return rule.may.length === 0
    ? `${from} imports nothing of ours`
    : `${from} may import ${rule.may.join(', ')}`;
}

function explainPackage(from: string, specifier: string): string | undefined {
  const isForbidden = (name: string): boolean =>
    specifier === name || specifier.startsWith(name.endsWith(':') ? name : `${name}/`);
  return sharedRules[from]?.never?.some(isForbidden) ? `${from} must not use it` : undefined;
}

function explainApp(path: string, app: string, room: string): string | undefined {
  if (appsWithoutShared.includes(app)) return `${app} imports nothing of @kiln/shared`;
  if (appsOfClient.includes(app)) return `${app} imports only @kiln/client of ours`;
  if (appMay.includes(room)) return undefined;
  if (compositionFiles.includes(basename(path)) && room in sharedRules) return undefined;
  const everywhere = appMay.join(', ');
  return `an app may import ${everywhere}; in ${compositionFiles.join(' and ')} also the ports`;
}

interface Location {
  area: 'shared' | 'client' | 'app';
  /** The folder or root file of the package's sources, or the app's name. */
  room: string;
}

function locate(path: string): Location | undefined {
  const [top, name, , inner = ''] = path.split('/');
  if (top === 'apps' && name !== undefined) return { area: 'app', room: name };
  if (top === 'packages' && (name === 'shared' || name === 'client'))
    return { area: name, room: inner.replace(/\.ts$/, '') };
  return undefined;
}

function locateImport(path: string, specifier: string): Location | undefined {
  const target = resolveImport(path, specifier);
  if (target !== undefined) return locate(target);
  const app = /^@kiln\/([^/]+)/.exec(specifier)?.[1];
  return app === undefined ? undefined : { area: 'app', room: app };
}

/** The path of the imported file; undefined for a package. */
function resolveImport(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  const { name, inner } =
    /^@kiln\/(?<name>shared|client)\/(?<inner>.+)/.exec(specifier)?.groups ?? {};
  return name === undefined ? undefined : `packages/${name}/src/${inner}.ts`;
}

function findFileCircles(files: readonly SourceFile[]): string[] {
  const graph = new Map<string, string[]>();
  for (const { path, text } of files) {
    graph.set(
      path,
      readImports(text).flatMap((specifier) => resolveImport(path, specifier) ?? []),
    );
  }
  return findCircles(graph).map((circle) => `these files import each other: ${circle.join(' → ')}`);
}

function findServiceCircles(files: readonly SourceFile[]): string[] {
  const graph = new Map<string, string[]>();
  for (const { path, text } of files) {
    const room = serviceRoomOf(path);
    if (room === undefined) continue;
    const rooms = readImports(text).flatMap((specifier) => {
      const target = resolveImport(path, specifier);
      const other = target === undefined ? undefined : serviceRoomOf(target);
      return other === undefined || other === room ? [] : [other];
    });
    graph.set(room, [...(graph.get(room) ?? []), ...rooms]);
  }
  return findCircles(graph).map((circle) => `these rooms import each other: ${circle.join(' → ')}`);
}

function serviceRoomOf(path: string): string | undefined {
  return /^packages\/shared\/src\/(services\/[^/]+)\//.exec(path)?.[1];
}

/** Returns each circle once, as a list of its nodes; the first node is repeated at the end. */
export function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];

  function visit(node: string): void {
    const start = trail.indexOf(node);
    if (start !== -1) circles.push([...trail.slice(start), node]);
    if (start !== -1 || finished.has(node)) return;
    trail.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    trail.pop();
    finished.add(node);
  }

  for (const node of graph.keys()) visit(node);
  return circles;
}

function findLargeFolders(files: readonly SourceFile[]): string[] {
  const folders = Map.groupBy(files, ({ path }) => posix.dirname(path));
  return [...folders].flatMap(([folder, { length }]) =>
    length > maxFilesInFolder
      ? [`${folder} has ${length} files; ${maxFilesInFolder} are allowed`]
      : [],
  );
}

/** Generated whole, so its length says nothing. */
const generatedFiles = ['packages/client/src/openapi.ts'];

function findLongFiles(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (generatedFiles.includes(path)) return [];
    const lines = text.trimEnd().split('\n').length;
    return lines > maxLinesInFile
      ? [`${path} has ${lines} lines; ${maxLinesInFile} are allowed`]
      : [];
  });
}

/** Returns a sentence for each rule whose room does not exist. */
export function findStaleRules(root: string): string[] {
  const sources = join(root, 'packages/shared/src');
  return Object.keys(sharedRules).flatMap((room) =>
    existsSync(join(sources, room)) || existsSync(join(sources, `${room}.ts`))
      ? []
      : [`scripts/check-arrows.ts has a rule for ${room}, which does not exist`],
  );
}

export function readSources(root: string): SourceFile[] {
  const patterns = [
    'apps/*/src/**/*.{ts,tsx}',
    'packages/*/src/**/*.ts',
    'tests/**/*.ts',
    'scripts/**/*.{ts,mjs}',
    'bench/**/*.ts',
  ];
  return globSync(patterns, { cwd: root }).map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(join(root, path), 'utf8'),
  }));
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const violations = [...findViolations(readSources(root)), ...findStaleRules(root)];
  if (violations.length > 0) {
    console.error(violations.join('\n'));
    process.exit(1);
  }
}
