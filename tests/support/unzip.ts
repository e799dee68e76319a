/**
 * Reads archives in the two ways that programs do: by the central directory at the end, and from
 * front to back by the headers before the entries. Both know only the classic fields of the format,
 * and check sizes and checksums.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { expect } from 'vitest';

/** Returns the files of a ZIP archive, found by its central directory. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(zip.length - 22 + 16);
  const count = zip.readUInt16LE(zip.length - 22 + 10);
  for (let index = 0; index < count; index += 1) {
    const [method, crc, packedSize, size, nameLength, extra, comment, offset] = [
      zip.readUInt16LE(at + 10),
      zip.readUInt32LE(at + 16),
      zip.readUInt32LE(at + 20),
      zip.readUInt32LE(at + 24),
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
      zip.readUInt32LE(at + 42),
    ];
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString();
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
    const packed = zip.subarray(start, start + packedSize);
    const bytes = method === 0 ? packed : inflateRawSync(packed);
    expect([bytes.length, crc32(bytes)]).toEqual([size, crc]);
    files.set(name, bytes);
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

/**
 * Returns the files of a ZIP archive as Java's ZipInputStream reads them: it never looks ahead, and
 * refuses a stored entry whose size follows the bytes, because it cannot find its end.
 */
export function unzipFrontToBack(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let at = 0;
  while (zip.readUInt32LE(at) === 0x04034b50) {
    const hasDescriptor = (zip.readUInt16LE(at + 6) & 8) !== 0;
    const isStored = zip.readUInt16LE(at + 8) === 0;
    if (isStored && hasDescriptor) throw new Error('a stored entry has a data descriptor');
    let [crc, packedSize, size] = readFacts(zip, at + 14);
    const start = at + 30 + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
    const name = zip.subarray(at + 30, at + 30 + zip.readUInt16LE(at + 26)).toString();
    at = start + packedSize;
    let bytes = zip.subarray(start, at);
    if (!isStored) {
      const { buffer, engine } = inflate(zip.subarray(start));
      bytes = buffer;
      at = start + engine.bytesWritten;
    }
    if (hasDescriptor) {
      expect(zip.readUInt32LE(at)).toBe(0x08074b50);
      [crc, packedSize, size] = readFacts(zip, at + 4);
      expect(packedSize).toBe(at - start);
      at += 16;
    }
    expect([bytes.length, crc32(bytes)]).toEqual([size, crc]);
    files.set(name, bytes);
  }
  // The directory, or the end of an archive without files.
  expect(zip.readUInt32LE(at)).toBe(files.size === 0 ? 0x06054b50 : 0x02014b50);
  return files;
}

/** Inflates up to the end that the data itself has; `bytesWritten` are the bytes it has taken. */
function inflate(packed: Buffer) {
  // The declared type does not know the option.
  return inflateRawSync(packed, { info: true }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
}

function readFacts(zip: Buffer, at: number): [crc: number, packedSize: number, size: number] {
  return [zip.readUInt32LE(at), zip.readUInt32LE(at + 4), zip.readUInt32LE(at + 8)];
}
