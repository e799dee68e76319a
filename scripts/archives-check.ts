/**
 * `npm run archives:check`: opens two archives, one of a batch that has ended and one of a batch
 * that runs, with Info-ZIP's unzip, 7-Zip, bsdtar, Python and Java. Compares the names each lists,
 * the files each extracts, and their modes with what was written, prints the listings side by side,
 * and fails on any difference. The names are those of `archives-check/name-corpus.ts`. Installs
 * the programs that are missing with apt-get, so it is not a part of `npm test`.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { createImageNames } from '@kiln/shared/services/batches/output/image-names';
import { writeZip, type ZipEntry } from '@kiln/shared/services/batches/output/write-zip';
import { nameCorpus } from './archives-check/name-corpus.ts';
import { installMissing, programs, type Program } from './archives-check/programs.ts';

type Files = ReadonlyMap<string, Buffer>;

await installMissing();
const folder = await mkdtemp(join(tmpdir(), 'kiln-archives-'));
const differences: string[] = [];
try {
  const files = buildFiles();
  for (const kind of ['ended', 'running'] as const) {
    const archive = join(folder, `${kind}.zip`);
    await pipeline(writeZip(buildEntries(files, kind === 'running')), createWriteStream(archive));
    const listings = new Map<string, string[]>();
    for (const program of programs) {
      const target = join(folder, `${kind} ${program.name}`);
      await mkdir(target);
      listings.set(program.name, program.open(archive, target));
      for (const difference of await compare(files, target, program))
        differences.push(`${program.name}, batch ${kind}: ${difference}`);
    }
    if (kind === 'ended') print(files, listings);
    for (const [name, listed] of listings)
      if (listed.join('\n') !== [...files.keys()].join('\n'))
        differences.push(`${name}, batch ${kind}: it lists other names`);
  }
  for (const { name, version } of programs) console.log(`${name}: ${version()}`);
} finally {
  await rm(folder, { recursive: true });
}
for (const difference of differences) console.log(difference);
console.log(
  differences.length === 0 ? 'Every program reads what was written.' : 'The programs differ.',
);
process.exit(differences.length === 0 ? 0 : 1);

/** A picture of its own for each name, twice, so that equal names are numbered; and a manifest. */
function buildFiles(): Files {
  const names = createImageNames();
  const wished = [...nameCorpus, ...nameCorpus];
  const pictures = wished.map((filename, index) => {
    const row = index + 1;
    const name = names.take({ filename, customId: null, row, index: 0, count: 1, format: 'png' });
    const seed = createHash('sha256').update(name).digest();
    return [name, Buffer.alloc(100 + row * 37, seed)] as const;
  });
  const manifest = pictures.map(([name]) => `${name}\r\n`).join('');
  return new Map([...pictures, ['manifest.csv', Buffer.from(manifest)]]);
}

async function* buildEntries(files: Files, isRunning: boolean): AsyncGenerator<ZipEntry> {
  async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
  }
  for (const [name, bytes] of files) {
    const isUnknown = isRunning && name === 'manifest.csv';
    const facts = isUnknown ? null : { size: bytes.length, crc32: crc32(bytes) };
    yield { name, modifiedAt: new Date(), facts, bytes: chunksOf(bytes) };
  }
}

async function compare(files: Files, target: string, { keepsMode }: Program): Promise<string[]> {
  const found: string[] = [];
  const extracted = new Set(await readdir(target));
  for (const [name, bytes] of files) {
    const path = join(target, name);
    if (!extracted.delete(name)) found.push(`${JSON.stringify(name)} is missing`);
    else if (!bytes.equals(await readFile(path))) found.push(`${name} has other bytes`);
    else if (keepsMode && ((await stat(path)).mode & 0o777) !== 0o644)
      found.push(`${name} has the mode ${((await stat(path)).mode & 0o777).toString(8)}`);
  }
  for (const name of extracted) found.push(`${JSON.stringify(name)} was never written`);
  return found;
}

/** Prints a line for each name, with a mark for each program that lists it as it was written. */
function print(files: Files, listings: ReadonlyMap<string, string[]>): void {
  console.log(['name in the archive', ...listings.keys()].join(' | '));
  for (const [index, name] of [...files.keys()].entries()) {
    const cells = [...listings.values()].map((listed) =>
      listed[index] === name ? '✓' : JSON.stringify(listed[index] ?? null),
    );
    console.log([name, ...cells].join(' | '));
  }
}
