/**
 * Names the pictures of a batch for its archive and its manifest. Names are unique and valid in
 * every file system.
 */
import { cleanFilename } from '../../../domain/file-rules.ts';

export interface ImageNames {
  /** Called in the order of rows and images, it gives the same names each time. */
  take(picture: {
    filename: string | null;
    customId: string | null;
    row: number;
    index: number;
    count: number;
    format: string;
  }): string;
}

const maxStemCharacters = 120;
/** File systems allow 255 bytes. A number, a row and the extension follow the stem. */
const maxStemBytes = 200;

export function createImageNames(): ImageNames {
  // The archive also holds our own manifest.
  const taken = new Set(['manifest.csv']);

  return {
    take({ filename, customId, row, index, count, format }) {
      const wished = toStem(filename ?? customId ?? `row-${row}`);
      const stem = count > 1 ? `${wished}-${index + 1}` : wished;
      for (let copy = 1; ; copy += 1) {
        const suffix = copy === 1 ? '' : ` (${copy === 2 ? row : `${row}-${copy}`})`;
        const name = `${stem}${suffix}.${format}`;
        const key = name.toLowerCase();
        if (taken.has(key)) continue;
        taken.add(key);
        return name;
      }
    },
  };
}

/**
 * Removes the extension, because the picture has its own, and what Windows does not allow in names.
 */
function toStem(given: string): string {
  const stem = cleanFilename(given.replaceAll(/[/\\<>:"|?*]/g, '_'))
    .replace(/\.(png|jpe?g|webp|gif|svg)$/i, '')
    .replace(/[. ]+$/, '');
  const short = cut(stem).trim();
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(short) || short === '' ? `_${short}` : short;
}

function cut(stem: string): string {
  let bytes = 0;
  const characters = Array.from(stem).slice(0, maxStemCharacters);
  const kept = characters.findIndex((character) => {
    bytes += Buffer.byteLength(character);
    return bytes > maxStemBytes;
  });
  return characters.slice(0, kept === -1 ? undefined : kept).join('');
}
