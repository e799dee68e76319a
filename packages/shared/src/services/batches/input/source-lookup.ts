/**
 * Finds the pictures that rows name: pictures that came with the batch by their names, and files
 * and images of the project by their ids.
 */
import { normaliseText } from '../../../domain/text/normalise-text.ts';
import { findFiles, type FileRow } from '../../../records/files/files.ts';
import type { Database } from '../../../records/database/open-records.ts';
import { parseImageId } from '../../../domain/gallery/image-id.ts';
import { describeImages, type FindImageSources } from '../../edits/image-files.ts';
import type { CheckedSource } from '../../edits/source-files.ts';
import { quote, truncate } from '../../../tabular/problems/row-problem.ts';
import { indexNames, normaliseSourceName } from './source-names.ts';

export type FoundSource =
  | { status: 'found'; source: CheckedSource }
  /**
   * Why the picture cannot be used. The text is the end of a sentence that begins with the received
   * value.
   */
  | { status: 'unfit'; reason: string };

export interface SourceLookup {
  /**
   * Looks up all references in one query. Call it before `find`, also with those of invalid rows:
   * the report counts them.
   */
  load(references: readonly string[]): Promise<void>;
  find(reference: string): FoundSource;
  /** Which pictures that came with the batch were named so far, and which names did not come. */
  report(): PictureReport;
  /** Forgets what was named so far, because the file is read again in another encoding. */
  restart(): void;
}

export interface PictureReport {
  received: number;
  matched: number;
  /** The first names of both kinds. */
  unmatched: string[];
  missing: string[];
}

const maxReportedNames = 100;

/** When more files than this are cached, the cache is emptied. */
const maxKnownFiles = 20_000;

/**
 * @param names file ids, by the names the pictures came with
 * @param fresh those pictures among them that have no record yet, because this is a dry run
 * @param findImages finds the images that rows name; by default it describes them only
 */
export function createSourceLookup(
  db: Database,
  projectId: string,
  names: Readonly<Record<string, string>> | null,
  fresh: readonly CheckedSource[] = [],
  findImages: FindImageSources = describeImages(db, projectId),
): SourceLookup {
  const byName = indexNames(names ?? {});
  const whyUnknown = createNameList(Object.keys(names ?? {}));
  const uploaded = new Map(fresh.map((source) => [source.id, source]));
  const known = new Map<string, FoundSource>();
  const received = new Set(Object.values(names ?? {}));
  const matched = new Set<string>();
  const missing = new Set<string>();

  const idOf = (reference: string): string | null =>
    byName.get(normaliseSourceName(reference)) ??
    (/^file-[\w-]{1,90}$/.test(reference) || parseImageId(reference) !== null ? reference : null);

  return {
    async load(references) {
      const ids = new Set<string>();
      for (const reference of references) {
        const id = idOf(reference);
        if (id === null) {
          if (missing.size < maxReportedNames) missing.add(truncate(reference));
          continue;
        }
        ids.add(id);
        if (received.has(id)) matched.add(id);
      }
      if (known.size > maxKnownFiles) known.clear();
      const unread = [...ids].filter((id) => !known.has(id) && !uploaded.has(id));
      if (unread.length === 0) return;
      const [images, files] = partition(unread, (id) => parseImageId(id) !== null);
      const rows = new Map((await findFiles(db, projectId, files)).map((row) => [row.id, row]));
      for (const id of files) known.set(id, checkFile(rows.get(id)));
      if (images.length === 0) return;
      for (const [id, source] of await findImages(images)) known.set(id, source);
    },
    find(reference) {
      const id = idOf(reference);
      if (id === null) return { status: 'unfit', reason: whyUnknown(reference) };
      const source = uploaded.get(id);
      if (source !== undefined) return { status: 'found', source };
      return known.get(id) ?? { status: 'unfit', reason: noFile };
    },
    report: () => ({
      received: received.size,
      matched: matched.size,
      unmatched: Object.entries(names ?? {})
        .flatMap(([name, id]) => (matched.has(id) ? [] : [name]))
        .slice(0, maxReportedNames),
      missing: [...missing],
    }),
    restart() {
      matched.clear();
      missing.clear();
    },
  };
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

const noFile = 'there is no such file';

function checkFile(row: FileRow | undefined): FoundSource {
  if (row === undefined) return { status: 'unfit', reason: noFile };
  if (row.purpose !== 'vision')
    return {
      status: 'unfit',
      reason: `the file has the purpose "${row.purpose}"; upload it with the purpose "vision"`,
    };
  if (row.picture === null)
    return {
      status: 'unfit',
      reason: 'the file was uploaded by a release that did not check pictures; upload it again',
    };
  return {
    status: 'found',
    source: { id: row.id, bytes: row.bytes, sha256: row.sha256, picture: row.picture },
  };
}

/** A message lists this many names; every row with a wrong name has such a message. */
const maxListedNames = 10;

/** Returns a function that says why a name is unknown, and lists the names that came. */
function createNameList(names: readonly string[]): (reference: string) => string {
  const byStem = Map.groupBy(names, stemOf);
  const first = names.slice(0, maxListedNames);
  return (reference) => {
    if (/^(data|https?):/i.test(reference))
      return 'a row takes the id of an uploaded file, or the name of a picture of the batch';
    if (names.length === 0) return `no pictures came with the batch; ${howToSend}`;
    // Names that differ in case, folder or extension only are probably those that are meant.
    const alike = byStem.get(stemOf(reference)) ?? [];
    const listed = [...new Set([...alike, ...first])].slice(0, maxListedNames);
    const more = names.length - listed.length;
    const others = more > 0 ? ` and ${more.toLocaleString('en')} more` : '';
    return (
      `no picture of that name came with the batch; those that came are ` +
      `${listed.map(quote).join(', ')}${others}; ${howToSend}`
    );
  };
}

function stemOf(name: string): string {
  const path = normaliseText(normaliseSourceName(name), 'NFKC').toLowerCase();
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
}

const howToSend =
  'send the picture along (as "files" of the form, or in a zip), or give the id of an uploaded ' +
  'file';
