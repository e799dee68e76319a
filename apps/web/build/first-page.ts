/**
 * Keeps the code of the first page together. Left alone, the bundler makes a file for each set of
 * pages that share something: every new page would cut the first one into smaller files, which
 * compress badly. Here the frame, what Create shares with other pages, and what is its own are one
 * file each, however many pages there are.
 */
import { join } from 'node:path';
import { normalizePath, type Rolldown } from 'vite';

const page = normalizePath(join(import.meta.dirname, '../src/pages/create'));
const entry = `${page}/CreatePage.tsx`;

export function firstPageGroups(): Rolldown.CodeSplittingGroup[] {
  let found: ReadonlySet<string> | null = null;
  const isNeeded = (id: string, context: Rolldown.ChunkingContext): boolean => {
    found ??= importedBy(entry, context);
    return found.has(id);
  };
  return [
    // The bundler's tag for what the entry of the page imports.
    { name: 'frame', tags: ['$initial'], priority: 2 },
    {
      name: (id, context) => (isNeeded(id, context) && !id.startsWith(page) ? 'shared' : null),
      priority: 1,
    },
    { name: (id, context) => (isNeeded(id, context) ? 'create' : null) },
  ];
}

/** A module and all that it imports, without what is loaded later. */
function importedBy(first: string, context: Rolldown.ChunkingContext): Set<string> {
  const found = new Set([first]);
  for (const id of found)
    for (const each of context.getModuleInfo(id)?.importedIds ?? []) found.add(each);
  return found;
}
