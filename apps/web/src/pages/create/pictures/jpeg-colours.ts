/** Jpegs for print have four colours, which image models refuse or show wrongly. */

/** Metadata and colour profiles come before the frame that counts the colours. */
const mostReadBytes = 4 * 1024 * 1024;

export async function isCmyk(file: Blob): Promise<boolean> {
  if (file.type !== 'image/jpeg') return false;
  return countColours(new Uint8Array(await file.slice(0, mostReadBytes).arrayBuffer())) === 4;
}

/** @returns the number of colours of a jpeg; null where its beginning does not say it */
function countColours(jpeg: Uint8Array): number | null {
  const at = (index: number): number => jpeg[index] ?? 0;
  if (at(0) !== 0xff || at(1) !== 0xd8) return null;
  for (let index = 2; index + 9 < jpeg.length && at(index) === 0xff;) {
    const marker = at(index + 1);
    const isTable = marker === 0xc4 || marker === 0xc8 || marker === 0xcc;
    if (marker >= 0xc0 && marker <= 0xcf && !isTable) return at(index + 9);
    index += 2 + at(index + 2) * 256 + at(index + 3);
  }
  return null;
}
