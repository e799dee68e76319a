/**
 * The names of a batch's pictures, in its archive and its manifest: harmless in every file system,
 * and each there once.
 */
import { cleanFilename } from '../../../domain/file-rules.ts';

export interface ImageNames {
  /** In the order of rows and images the same names come out each time. */
  take(picture: {
    filename: string | null;
    customId: string | null;
    row: number;
    index: number;
    count: number;
    format: string;
  }): string;
}

const longestStem = 120;

export function createImageNames(): ImageNames {
  // A manifest of ours is in the archive as well.
  const taken = new Set(['manifest.csv']);

  return {
    take({ filename, customId, row, index, count, format }) {
      const wished = toStem(filename ?? customId ?? `row-${row}`);
      const stem = count > 1 ? `${wished}-${index + 1}` : wished;
      for (let copy = 1; ; copy += 1) {
        const name = `${stem}${copy === 1 ? '' : ` (${copy === 2 ? row : `${row}-${copy}`})`}.${format}`;
        const key = name.toLowerCase();
        if (taken.has(key)) continue;
        taken.add(key);
        return name;
      }
    },
  };
}

/** Without its extension, which is the picture's own, and what Windows does not take. */
function toStem(given: string): string {
  const stem = cleanFilename(given.replaceAll(/[/\\<>:"|?*]/g, '_'))
    .replace(/\.(png|jpe?g|webp|gif|svg)$/i, '')
    .replace(/[. ]+$/, '');
  const short = Array.from(stem).slice(0, longestStem).join('').trim();
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(short) || short === '' ? `_${short}` : short;
}
