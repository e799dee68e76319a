/**
 * Names the pictures of a batch for its archive and its manifest, and the folders of an archive of
 * several batches. Names are unique and valid in every file system, and have at most 200 bytes.
 */
import { cleanFilename } from '../../../domain/file-rules.ts';
import { normaliseText } from '../../../domain/text/normalise-text.ts';

export interface ImageNames {
  /** Called in the order of rows and images, it gives the same names each time. */
  take(picture: {
    filename: string | null;
    customId: string | null;
    row: number;
    index: number;
    count: number;
    format: string;
    /** Added before the extension, such as `-composite`. */
    ending?: string;
  }): string;
}

/** File systems allow 255 bytes; programs add to a name, for example ` (1)` or `.part`. */
const maxNameBytes = 200;
const maxFolderBytes = 80;
/** Windows allows 260 characters for a whole path. */
const maxStemCharacters = 120;

/** @param folder the names begin with it; empty: they are in no folder */
export function createImageNames(folder = ''): ImageNames {
  // The archive also holds our own manifest.
  const taken = new Set(['manifest.csv']);

  return {
    take({ filename, customId, row, index, count, format, ending = '' }) {
      const stem = toStem(filename ?? customId ?? `row-${row}`);
      const number = `${count > 1 ? `-${index + 1}` : ''}${ending}`;
      for (let copy = 1; ; copy += 1) {
        const suffix = copy === 1 ? '' : ` (${copy === 2 ? row : `${row}-${copy}`})`;
        const end = `${number}${suffix}.${format}`;
        const name = cut(stem, maxNameBytes - Buffer.byteLength(end)) + end;
        const key = toKey(name);
        if (taken.has(key)) continue;
        taken.add(key);
        return folder === '' ? name : `${folder}/${name}`;
      }
    },
  };
}

/** A folder that no other batch has. */
export function createFolderNames(): (name: string) => string {
  const taken = new Set<string>();
  return (name) => {
    const stem = cut(toStem(name), maxFolderBytes);
    for (let copy = 1; ; copy += 1) {
      const folder = copy === 1 ? stem : `${stem} (${copy})`;
      const key = toKey(folder);
      if (taken.has(key)) continue;
      taken.add(key);
      return folder;
    }
  };
}

/**
 * Two names with the same key are one name to some file system: those of Windows and macOS ignore
 * case, and HFS+ ignores invisible characters.
 */
function toKey(name: string): string {
  return normaliseText(name.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, ''), 'NFC')
    .toUpperCase()
    .toLowerCase();
}

/** Names that Windows gives to devices, whatever extension follows. */
const devices = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[\d¹²³]) *(\.|$)/i;

/**
 * Removes the extension, because the picture has its own, and what Windows does not allow in names.
 */
function toStem(given: string): string {
  const stem = cleanFilename(given.replaceAll(/[/\\<>:"|?*]/g, '_'))
    .replace(/\.(png|jpe?g|webp|gif|svg)$/i, '')
    .replace(/[. ]+$/, '');
  return devices.test(stem) || stem === '' ? `_${stem}` : stem;
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cuts between characters as people count them; an emoji may be several code points. */
function cut(stem: string, maxBytes: number): string {
  if (stem.length <= maxStemCharacters && Buffer.byteLength(stem) <= maxBytes) return stem;
  const whole = Array.from(characters.segment(stem), ({ segment }) => segment);
  // One character alone may be too long: any number of accents may follow a letter.
  const kept = takeWhileFits(whole, maxBytes) || takeWhileFits(Array.from(stem), maxBytes);
  return kept.replace(/[. ]+$/, '');
}

function takeWhileFits(parts: readonly string[], maxBytes: number): string {
  let [kept, bytes] = ['', 0];
  for (const part of parts.slice(0, maxStemCharacters)) {
    bytes += Buffer.byteLength(part);
    if (bytes > maxBytes) break;
    kept += part;
  }
  return kept;
}
