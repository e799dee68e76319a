/** Puts the beginning of a C2PA manifest into a picture, where its format has it. */
import { crc32 } from 'node:zlib';

/** @param kind the first letters of the UUID of the box; `c2pa` is a manifest */
export function withManifest(
  format: 'png' | 'jpeg' | 'webp',
  picture: Buffer,
  kind = 'c2pa',
): Buffer {
  const uuid = Buffer.concat([Buffer.from(kind), Buffer.from('00110010800000aa00389b71', 'hex')]);
  const description = box('jumd', Buffer.concat([uuid, Buffer.from([3]), Buffer.from('c2pa\0')]));
  const manifest = box('jumb', description);
  if (format === 'png') return insert(picture, 33, pngChunk('caBX', manifest));
  if (format === 'jpeg') {
    const data = Buffer.concat([Buffer.from('JP'), Buffer.from([0, 1, 0, 0, 0, 1]), manifest]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(data.length + 2);
    return insert(picture, 2, Buffer.concat([Buffer.from([0xff, 0xeb]), length, data]));
  }
  const size = Buffer.alloc(4);
  size.writeUInt32LE(manifest.length);
  const padding = Buffer.alloc(manifest.length % 2);
  const webp = Buffer.concat([picture, Buffer.from('C2PA'), size, manifest, padding]);
  webp.writeUInt32LE(webp.length - 8, 4);
  return webp;
}

function box(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(8 + content.length);
  return Buffer.concat([length, Buffer.from(type), content]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

function insert(bytes: Buffer, at: number, added: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
}
