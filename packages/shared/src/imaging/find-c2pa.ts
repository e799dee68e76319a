/**
 * Finds out whether the bytes of a picture hold a C2PA manifest, which says where the picture comes
 * from (C2PA 2.2, A.3: how manifests are embedded). The manifest is neither read nor checked.
 */

/** @returns null for a format in which Kiln does not look */
export function findC2pa(format: string, given: Uint8Array): boolean | null {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  switch (format) {
    case 'png':
      return hasPngChunk(bytes, 'caBX');
    case 'jpeg':
      return hasManifestSegment(bytes);
    case 'webp':
      return hasRiffChunk(bytes, 'C2PA');
    default:
      return null;
  }
}

const pngSignature = 8;
/** Bytes of length, type and checksum together. */
const pngFrame = 12;

function hasPngChunk(bytes: Buffer, wanted: string): boolean {
  for (let offset = pngSignature; offset + pngFrame <= bytes.length;) {
    if (bytes.toString('latin1', offset + 4, offset + 8) === wanted) return true;
    offset += pngFrame + bytes.readUInt32BE(offset);
  }
  return false;
}

const riffHeader = 12;

function hasRiffChunk(bytes: Buffer, wanted: string): boolean {
  for (let offset = riffHeader; offset + 8 <= bytes.length;) {
    if (bytes.toString('latin1', offset, offset + 4) === wanted) return true;
    const size = bytes.readUInt32LE(offset + 4);
    offset += 8 + size + (size % 2);
  }
  return false;
}

const app11 = 0xeb;
const startOfScan = 0xda;
/** `JP`, the number of the box and of the packet, the length of the box. */
const boxType = 2 + 2 + 4 + 4;
/** The box `jumb` begins with a box `jumd`, which has a length and a type before its UUID. */
const uuid = boxType + 4 + 8;

/** The segments before the picture. A large manifest has several, of which the first names it. */
function hasManifestSegment(bytes: Buffer): boolean {
  for (let offset = 2; offset + 4 <= bytes.length && bytes[offset] === 0xff;) {
    const marker = bytes[offset + 1];
    if (marker === startOfScan) return false;
    const data = bytes.subarray(offset + 4, offset + 2 + bytes.readUInt16BE(offset + 2));
    if (marker === app11 && isManifest(data)) return true;
    offset += 2 + bytes.readUInt16BE(offset + 2);
  }
  return false;
}

function isManifest(data: Buffer): boolean {
  const text = (from: number, to: number) => data.toString('latin1', from, to);
  return (
    text(0, 2) === 'JP' &&
    text(boxType, boxType + 4) === 'jumb' &&
    text(uuid - 4, uuid) === 'jumd' &&
    text(uuid, uuid + 4) === 'c2pa'
  );
}
