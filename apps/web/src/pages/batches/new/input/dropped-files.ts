/** Sorts what was chosen or dropped: the file with the rows, the pictures beside it, and the rest. */

export interface Sorted {
  file: File | null;
  pictures: File[];
  /** Names of files that are of no use here. */
  leftOut: string[];
}

export const noFiles: Sorted = { file: null, pictures: [], leftOut: [] };

const rowsEnding = /\.(csv|tsv|txt|jsonl|ndjson)$/i;
const pictureEnding = /\.(png|jpe?g|webp|zip)$/i;

export function sortFiles(files: readonly File[]): Sorted {
  const file = files.find(({ name }) => rowsEnding.test(name)) ?? null;
  const pictures = files.filter(({ name }) => pictureEnding.test(name) && !isHidden(name));
  const leftOut = files
    .filter((each) => each !== file && !pictures.includes(each) && !isHidden(each.name))
    .map(({ name }) => name);
  return { file, pictures, leftOut };
}

/** What systems leave in folders by themselves, such as `.DS_Store`. */
function isHidden(name: string): boolean {
  return name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini';
}

/** The files that were dropped, also those inside of folders. */
export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  // The entries are gone after the event, so all of them are taken before the first wait.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files];
  if (entries.every((entry) => entry?.isDirectory !== true)) return plain;
  const found = await Promise.all(entries.map(async (entry) => filesIn(entry)));
  return found.flat();
}

async function filesIn(entry: FileSystemEntry | null): Promise<File[]> {
  if (isFile(entry))
    return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const files: File[] = [];
  for (;;) {
    // A reader gives at most 100 entries at a time, and none after the last.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    for (const each of some) files.push(...(await filesIn(each)));
  }
}

function isFile(entry: FileSystemEntry | null): entry is FileSystemFileEntry {
  return entry?.isFile === true;
}

function isFolder(entry: FileSystemEntry | null): entry is FileSystemDirectoryEntry {
  return entry?.isDirectory === true;
}
