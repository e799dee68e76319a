/**
 * Writes a ZIP archive (PKWARE's APPNOTE 6.3) as a stream. Entries are not compressed. The checksum
 * of an entry follows its bytes, because its header is sent before the bytes are known. From 4 GB
 * or 65,535 entries on, it writes ZIP64. `docs/adr/0012-zip.md` says why Kiln does not use a
 * library.
 */
import { crc32 } from 'node:zlib';

export interface ZipEntry {
  name: string;
  modifiedAt: Date;
  /** Less than 4 GB. */
  bytes: AsyncIterable<Uint8Array>;
}

interface WrittenEntry {
  name: Buffer;
  time: number;
  crc: number;
  size: number;
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
/** Checksum and sizes follow the bytes; names are UTF-8. */
const flags = 0x0008 | 0x0800;

export async function* writeZip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const written: WrittenEntry[] = [];
  let offset = 0;
  for await (const { name, modifiedAt, bytes } of entries) {
    const entry = {
      name: Buffer.from(name),
      time: toDosTime(modifiedAt),
      crc: 0,
      size: 0,
      offset,
    };
    yield buildHeader(entry);
    for await (const chunk of bytes) {
      entry.crc = crc32(chunk, entry.crc);
      entry.size += chunk.length;
      yield chunk;
    }
    if (entry.size >= full32)
      throw new Error(`${name} has ${entry.size} bytes; an entry has less than 4 GB`);
    yield buildDescriptor(entry);
    written.push(entry);
    offset += headerBytes + entry.name.length + entry.size + descriptorBytes;
  }
  const start = offset;
  for (const entry of written) {
    const record = buildDirectoryRecord(entry);
    offset += record.length;
    yield record;
  }
  yield buildEnd(written.length, start, offset);
}

/**
 * Computes the length of the archive that entries of these names and sizes, in this order, make.
 */
export function createZipLength() {
  let files = 0;
  let directory = 0;
  let count = 0;
  return {
    add(name: string, size: number): void {
      const nameBytes = Buffer.byteLength(name);
      directory += directoryBytes + nameBytes + (files >= full32 ? offset64Bytes : 0);
      files += headerBytes + nameBytes + size + descriptorBytes;
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

/** 4.3.7, local file header. The data descriptor holds the checksum and the sizes instead. */
function buildHeader({ name, time }: WrittenEntry): Buffer {
  const header = Buffer.alloc(headerBytes + name.length);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(time, 10);
  header.writeUInt16LE(name.length, 26);
  name.copy(header, headerBytes);
  return header;
}

/** 4.3.9, data descriptor. */
function buildDescriptor({ crc, size }: WrittenEntry): Buffer {
  const descriptor = Buffer.alloc(descriptorBytes);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeUInt32LE(size, 8);
  descriptor.writeUInt32LE(size, 12);
  return descriptor;
}

/**
 * 4.3.12, central directory header. An offset of more than 32 bits is in an extra field (4.5.3).
 */
function buildDirectoryRecord({ name, time, crc, size, offset }: WrittenEntry): Buffer {
  const is64 = offset >= full32;
  const record = Buffer.alloc(directoryBytes + name.length + (is64 ? offset64Bytes : 0));
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(is64 ? version64 : version, 4);
  record.writeUInt16LE(is64 ? version64 : version, 6);
  record.writeUInt16LE(flags, 8);
  record.writeUInt32LE(time, 12);
  record.writeUInt32LE(crc, 16);
  record.writeUInt32LE(size, 20);
  record.writeUInt32LE(size, 24);
  record.writeUInt16LE(name.length, 28);
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
