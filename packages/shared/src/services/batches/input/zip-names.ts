/**
 * Decodes the names of the entries of a zip. An archive says only of UTF-8 that a name is in it; a
 * program that does not write UTF-8 writes the encoding of its system. So the names that are not
 * UTF-8 are judged together, like a table (`tabular/text/judge-encoding.ts`). Names are short:
 * where none of the readings is clearly right, an entry has all the probable ones, and the rows,
 * which name the pictures that they mean, decide.
 */
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type yauzl from 'yauzl';
import { createBreaks } from '../../../event-loop.ts';
import { createSampleCollector } from '../../../tabular/text/collect-samples.ts';
import { decodeBytes, judgeEncoding, type Reading } from '../../../tabular/text/judge-encoding.ts';

export interface EntryNames {
  name: string;
  /** Other readings of the same bytes. */
  others: readonly string[];
}

const unicodeFlag = 0x800;
const unicodePathField = 0x7075;
/** The most readings of a name, and how much less probable than the best one they may be. */
const maxReadings = 6;
const probableCost = 40;

/** The names, in the order of the entries. */
export async function readNames(entries: readonly yauzl.Entry[]): Promise<EntryNames[]> {
  const known = entries.map(unicodeName);
  const unclear = entries.filter((_, index) => known[index] === undefined);
  const encodings = await judgeNames(unclear.map(({ fileNameRaw }) => fileNameRaw));
  return entries.map(({ fileNameRaw }, index) => {
    const readings = encodings.flatMap((encoding) => decodeBytes(encoding, fileNameRaw) ?? []);
    const [name = fileNameRaw.toString('latin1'), ...others] = new Set(
      [...(known[index] === undefined ? readings : [known[index]])].map((path) =>
        path.replaceAll('\\', '/'),
      ),
    );
    return { name, others };
  });
}

/** Undefined if nothing says that the name is UTF-8. */
function unicodeName(entry: yauzl.Entry): string | undefined {
  const { fileNameRaw, generalPurposeBitFlag, extraFields } = entry;
  // Info-ZIP writes the name again in UTF-8, with a checksum of the name that it replaces.
  const path = extraFields.find(({ id, data }) => id === unicodePathField && data.length > 5)?.data;
  if (path !== undefined && path.readUInt32LE(1) === crc32(fileNameRaw))
    return path.toString('utf8', 5);
  if (isUtf8(fileNameRaw)) return fileNameRaw.toString('utf8');
  return (generalPurposeBitFlag & unicodeFlag) === 0 ? undefined : fileNameRaw.toString('latin1');
}

async function judgeNames(names: readonly Uint8Array[]): Promise<Reading['encoding'][]> {
  if (names.length === 0) return [];
  const collector = createSampleCollector();
  for (const name of names) {
    collector.add(name);
    collector.add(Buffer.from('\n'));
  }
  const { winner, readings } = await judgeEncoding(collector.end(), createBreaks());
  if (winner !== undefined) return [winner.encoding];
  const best = readings[0]?.cost ?? 0;
  return readings
    .filter(({ cost }) => cost <= best + probableCost)
    .slice(0, maxReadings)
    .map(({ encoding }) => encoding);
}
