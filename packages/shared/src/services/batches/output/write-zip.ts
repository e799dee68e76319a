/**
 * Writes a ZIP archive (PKWARE's APPNOTE 6.3) as a stream that can also be read as a stream: the
 * header before an entry states its size and checksum. So the caller must know both, which it does
 * for stored pictures. An entry of which they are not known is compressed, because readers from
 * front to back, such as Java's ZipInputStream, find the end of a compressed entry by themselves.
 * From 4 GB or 65,535 entries on, it writes ZIP64. `docs/adr/0012-zip.md` says why Kiln does not
 * use a library.
 */
import { pipeline, Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';

export interface ZipEntry {
  name: string;
  modifiedAt: Date;
  /** Null if they are not known before the bytes have been read. */
  facts: ZipFacts | null;
  bytes: AsyncIterable<Uint8Array>;
}

/** What the header of an entry states about its bytes. */
export interface ZipFacts {
  /** Less than 4 GB. */
  size: number;
  crc32: number;
}

interface WrittenEntry {
  name: Buffer;
  time: number;
  isStored: boolean;
  crc: number;
  size: number;
  /** The size in the archive, which is another one if the entry is compressed. */
  packedSize: number;
  offset: number;
}

const headerBytes = 30;
const descriptorBytes = 16;
const directoryBytes = 46;
const offset64Bytes = 12;
const end64Bytes = 56 + 20;
const endBytes = 22;
const full32 = 0xffff_ffff;
const full16 = 0xffff;
/** Versions of the format a reader must know: 2.0, and 4.5 for ZIP64. */
const version = 20;
const version64 = 45;
/** Info-ZIP reads names as UTF-8 only if the archive was not made by MS-DOS, which is 0. */
const madeByUnix = 3 << 8;
/** A regular file with the mode 0644. */
const attributes = 0o100644 * 0x1_0000;
/** The flags of an entry: its name is UTF-8; checksum and sizes follow the bytes. */
const utf8Flag = 0x0800;
const descriptorFlag = 0x0008;

/**
 * Throws if the bytes of an entry have another size than its facts state. The archive cannot be
 * continued then.
 */
export async function* writeZip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const written: WrittenEntry[] = [];
  let offset = 0;
  for await (const given of entries) {
    const entry = beginEntry(given, offset);
    const header = buildHeader(entry);
    yield header;
    yield* entry.isStored ? storeBytes(entry, given.bytes) : deflateBytes(entry, given.bytes);
    offset += header.length + entry.packedSize;
    if (!entry.isStored) {
      checkSize(entry);
      yield buildDescriptor(entry);
      offset += descriptorBytes;
    }
    written.push(entry);
  }
  const start = offset;
  for (const entry of written) {
    const record = buildDirectoryRecord(entry);
    offset += record.length;
    yield record;
  }
  yield buildEnd(written.length, start, offset);
}

function beginEntry({ name, modifiedAt, facts }: ZipEntry, offset: number): WrittenEntry {
  const entry = {
    name: Buffer.from(name),
    time: toDosTime(modifiedAt),
    isStored: facts !== null,
    crc: facts?.crc32 ?? 0,
    size: facts?.size ?? 0,
    packedSize: facts?.size ?? 0,
    offset,
  };
  checkSize(entry);
  return entry;
}

function checkSize({ name, size, packedSize }: WrittenEntry): void {
  if (Math.max(size, packedSize) >= full32)
    throw new Error(`${name.toString()} has ${size} bytes; an entry has less than 4 GB`);
}

/**
 * Does not compute the checksum: the reader's program does, and it reports a picture that the disk
 * has damaged without losing the others.
 */
async function* storeBytes(
  { name, size }: WrittenEntry,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const wrongSize = (received: string) =>
    new Error(`${name.toString()} has ${received} bytes; its header states ${size}`);
  let sent = 0;
  for await (const chunk of bytes) {
    sent += chunk.length;
    if (sent > size) throw wrongSize('more');
    yield chunk;
  }
  if (sent < size) throw wrongSize(String(sent));
}

/** Compresses the bytes, and adds their sizes and checksum to the entry. */
async function* deflateBytes(
  entry: WrittenEntry,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      entry.crc = crc32(chunk, entry.crc);
      entry.size += chunk.length;
      yield chunk;
    }
  }
  // An error of the source ends the loop below, which throws it.
  const packed = pipeline(Readable.from(measured()), createDeflateRaw(), () => undefined);
  for await (const chunk of packed as AsyncIterable<Uint8Array>) {
    entry.packedSize += chunk.length;
    yield chunk;
  }
}

/**
 * Computes the length of the archive that entries of these names and sizes, in this order, make, if
 * the facts of all of them are known.
 */
export function createZipLength() {
  let files = 0;
  let directory = 0;
  let count = 0;
  return {
    add(name: string, size: number): void {
      const nameBytes = Buffer.byteLength(name);
      directory += directoryBytes + nameBytes + (files >= full32 ? offset64Bytes : 0);
      files += headerBytes + nameBytes + size;
      count += 1;
    },
    total(): number {
      return (
        files + directory + (needs64(count, files, files + directory) ? end64Bytes : 0) + endBytes
      );
    },
  };
}

function needs64(count: number, start: number, end: number): boolean {
  return count >= full16 || start >= full32 || end - start >= full32;
}

/** 4.3.7, local file header. */
function buildHeader(entry: WrittenEntry): Buffer {
  const header = Buffer.alloc(headerBytes + entry.name.length);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(version, 4);
  writeFacts(header, 6, entry);
  entry.name.copy(header, headerBytes);
  return header;
}

/**
 * Writes what a header and its record in the directory have in common. In the header of an entry
 * that a descriptor follows, checksum and sizes are still 0.
 */
function writeFacts(
  record: Buffer,
  at: number,
  { name, time, isStored, crc, size, packedSize }: WrittenEntry,
): void {
  record.writeUInt16LE(isStored ? utf8Flag : utf8Flag | descriptorFlag, at);
  record.writeUInt16LE(isStored ? 0 : 8, at + 2); // the method: stored, or deflated
  record.writeUInt32LE(time, at + 4);
  record.writeUInt32LE(crc, at + 8);
  record.writeUInt32LE(packedSize, at + 12);
  record.writeUInt32LE(size, at + 16);
  record.writeUInt16LE(name.length, at + 20);
}

/** 4.3.9, data descriptor. */
function buildDescriptor({ crc, size, packedSize }: WrittenEntry): Buffer {
  const descriptor = Buffer.alloc(descriptorBytes);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeUInt32LE(packedSize, 8);
  descriptor.writeUInt32LE(size, 12);
  return descriptor;
}

/**
 * 4.3.12, central directory header. An offset of more than 32 bits is in an extra field (4.5.3).
 */
function buildDirectoryRecord(entry: WrittenEntry): Buffer {
  const { name, offset } = entry;
  const is64 = offset >= full32;
  const record = Buffer.alloc(directoryBytes + name.length + (is64 ? offset64Bytes : 0));
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(madeByUnix | (is64 ? version64 : version), 4);
  record.writeUInt16LE(is64 ? version64 : version, 6);
  writeFacts(record, 8, entry);
  record.writeUInt32LE(attributes, 38);
  record.writeUInt32LE(is64 ? full32 : offset, 42);
  name.copy(record, directoryBytes);
  if (is64) {
    record.writeUInt16LE(offset64Bytes, 30);
    record.writeUInt16LE(0x0001, directoryBytes + name.length);
    record.writeUInt16LE(8, directoryBytes + name.length + 2);
    record.writeBigUInt64LE(BigInt(offset), directoryBytes + name.length + 4);
  }
  return record;
}

/** 4.3.14 to 4.3.16, end of the central directory, preceded by its ZIP64 form if that is needed. */
function buildEnd(count: number, start: number, end: number): Buffer {
  const is64 = needs64(count, start, end);
  const record = Buffer.alloc((is64 ? end64Bytes : 0) + endBytes);
  if (is64) {
    record.writeUInt32LE(0x06064b50, 0);
    record.writeBigUInt64LE(44n, 4); // bytes that follow in this record
    record.writeUInt16LE(version64, 12);
    record.writeUInt16LE(version64, 14);
    record.writeBigUInt64LE(BigInt(count), 24);
    record.writeBigUInt64LE(BigInt(count), 32);
    record.writeBigUInt64LE(BigInt(end - start), 40);
    record.writeBigUInt64LE(BigInt(start), 48);
    record.writeUInt32LE(0x07064b50, 56);
    record.writeBigUInt64LE(BigInt(end), 64);
    record.writeUInt32LE(1, 72);
  }
  const at = record.length - endBytes;
  record.writeUInt32LE(0x06054b50, at);
  record.writeUInt16LE(Math.min(count, full16), at + 8);
  record.writeUInt16LE(Math.min(count, full16), at + 10);
  record.writeUInt32LE(Math.min(end - start, full32), at + 12);
  record.writeUInt32LE(Math.min(start, full32), at + 16);
  return record;
}

/**
 * The format holds the years 1980 to 2107 in steps of two seconds and knows no time zones, so UTC
 * is written.
 */
function toDosTime(date: Date): number {
  const year = Math.min(2107, Math.max(1980, date.getUTCFullYear()));
  const day = ((year - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time =
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}
