/** Pictures and masks of the tests of composites, and what they compare. */
import sharp from 'sharp';

export interface Size {
  width: number;
  height: number;
}

/** The region of the masks, as shares of the edges; the simulator's caption is far below it. */
const region = { left: 0.25, top: 0.125, right: 0.75, bottom: 0.5 };
const isInside = (x: number, y: number, { width, height }: Size) =>
  x >= region.left * width &&
  x < region.right * width &&
  y >= region.top * height &&
  y < region.bottom * height;

export const sizeOf = async (bytes: Buffer): Promise<Size> => {
  const { width, height } = await sharp(bytes).metadata();
  return { width, height };
};

/** A photograph: colours that change everywhere, with noise. */
export function drawPhotograph({ width, height }: Size): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const noise = (x * 7_919 + y * 104_729) % 23;
      pixels.set(
        [(x * 200) / width + noise, (y * 200) / height + noise, 90 + noise, 255],
        (y * width + x) * 4,
      );
    }
  const image = sharp(pixels, { raw: { width, height, channels: 4 } });
  return image.removeAlpha().png().toBuffer();
}

/** Opaque, transparent in the region. */
export function drawMask(size: Size, isOpen = isInside): Promise<Buffer> {
  const { width, height } = size;
  const pixels = Buffer.alloc(width * height * 4, 255);
  for (let at = 0; at < width * height; at += 1)
    if (isOpen(at % width, Math.floor(at / width), size)) pixels[at * 4 + 3] = 0;
  return sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

export const rawOf = (bytes: Buffer) => sharp(bytes).removeAlpha().raw().toBuffer();

/** How many pixels outside the mask differ, and how many deep inside it. */
export async function countChanged(
  composite: Buffer,
  { outside, inside }: { outside: Buffer; inside: Buffer },
  size: Size,
): Promise<{ outside: number; inside: number; compared: number }> {
  const [pixels, kept, made] = await Promise.all([composite, outside, inside].map(rawOf));
  const deep = 12;
  const changed = { outside: 0, inside: 0, compared: 0 };
  const differs = (at: number, other: Buffer | undefined) =>
    [0, 1, 2].some((channel) => pixels?.[at + channel] !== other?.[at + channel]);
  for (let y = 0; y < size.height; y += 1)
    for (let x = 0; x < size.width; x += 1) {
      const at = (y * size.width + x) * 3;
      if (!isInside(x, y, size)) {
        if (differs(at, kept)) changed.outside += 1;
      } else if (
        [-deep, deep].every((step) => isInside(x + step, y, size) && isInside(x, y + step, size))
      ) {
        changed.compared += 1;
        if (differs(at, made)) changed.inside += 1;
      }
    }
  return changed;
}
