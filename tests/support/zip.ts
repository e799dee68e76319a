/**
 * Builds ZIP archives by hand, so that a test decides on names and on the sizes that the archive
 * claims.
 */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Bytes for a name that is not UTF-8. */
  name: string | Buffer;
  content: Buffer;
  /** The size that the archive claims, where it differs from the real one. */
  claimedBytes?: number;
  /** Bytes to store in place of the deflated content. */
  packed?: Buffer;
  /** The size that the archive claims for the packed bytes, where it differs from the real one. */
  claimedPackedBytes?: number;
  /** The number of an earlier entry whose bytes this one uses, instead of bytes of its own. */
  sharesBytesOf?: number;
  /** An extra field of the header before the bytes; the directory does not show it. */
  extra?: Buffer;
}

export function buildZip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const {
    name,
    content,
    claimedBytes = content.length,
    packed = deflateRawSync(content),
    claimedPackedBytes = packed.length,
    sharesBytesOf,
    extra = Buffer.alloc(0),
  } of entries) {
    const nameBytes = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0); // version
    facts.writeUInt16LE(typeof name === 'string' ? 0x800 : 0, 2); // UTF-8
    facts.writeUInt16LE(8, 4); // deflated
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(claimedPackedBytes, 14);
    facts.writeUInt32LE(claimedBytes, 18);
    facts.writeUInt16LE(nameBytes.length, 22);
    const rest = Buffer.alloc(14);
    const at = sharesBytesOf === undefined ? offset : (offsets[sharesBytesOf] ?? 0);
    rest.writeUInt32LE(at, 10);
    offsets.push(at);
    centrals.push(Buffer.from('PK\x01\x02\x14\x00'), Buffer.from(facts), rest, nameBytes);
    if (sharesBytesOf !== undefined) continue;
    facts.writeUInt16LE(extra.length, 24);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, nameBytes, extra, packed]);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}
