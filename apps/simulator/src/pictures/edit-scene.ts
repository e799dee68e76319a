/**
 * Composes the picture of an edit so that a viewer sees what arrived: the first source fills the
 * picture, the other sources are tiles along its upper edge, and the area the mask left open is
 * painted anew, hatched and outlined. Markup lies on top unchanged.
 */
import sharp, { type OverlayOptions } from 'sharp';
import type { Upload, Uploads } from '../edits/upload.ts';
import { composeLayers, type PictureRequest } from './composition.ts';

const hatch = { red: 255, green: 64, blue: 160 } as const;

/** Returns PNG bytes of the requested size. */
export async function composeEdit(request: PictureRequest, uploads: Uploads): Promise<Buffer> {
  const { width, height } = request;
  const { scene, caption } = composeLayers(request, describe(uploads));
  const [first, ...others] = uploads.images;
  const layers: OverlayOptions[] = [];
  if (uploads.mask !== null)
    layers.push({ input: await paintRegion(uploads.mask, Buffer.from(scene), width, height) });
  if (uploads.markup !== null) layers.push({ input: await fill(uploads.markup, width, height) });
  layers.push(...(await drawTiles(others, width, height)), { input: Buffer.from(caption) });
  const base = first === undefined ? Buffer.from(scene) : await fill(first, width, height);
  return sharp(base).composite(layers).png({ compressionLevel: 1 }).toBuffer();
}

function describe({ images, mask, markup }: Uploads): string[] {
  const facts = [`edit of ${images.length} ${images.length === 1 ? 'image' : 'images'}`];
  if (mask !== null) facts.push('mask');
  if (markup !== null) facts.push('markup');
  return facts;
}

function fill({ bytes }: Upload, width: number, height: number): Promise<Buffer> {
  return sharp(bytes)
    .autoOrient()
    .resize(width, height, { fit: 'fill' })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/**
 * Paints the new scene where the mask is fully transparent, with hatching and an outline; elsewhere
 * it is empty.
 */
async function paintRegion(
  mask: Upload,
  scene: Buffer,
  width: number,
  height: number,
): Promise<Buffer> {
  const raw = { width, height };
  const alpha = await sharp(mask.bytes)
    .resize(width, height, { fit: 'fill', kernel: 'nearest' })
    .extractChannel('alpha')
    .raw()
    .toBuffer();
  const pixels = await sharp(scene)
    .resize(width, height, { fit: 'fill' })
    .ensureAlpha()
    .raw()
    .toBuffer();
  const unit = Math.min(width, height);
  const period = Math.max(8, Math.round(unit / 32));
  const line = Math.max(2, Math.round(unit / 256));
  const isOpen = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && alpha[y * width + x] === 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      if (!isOpen(x, y)) {
        pixels[at + 3] = 0;
        continue;
      }
      const isEdge =
        !isOpen(x - line, y) ||
        !isOpen(x + line, y) ||
        !isOpen(x, y - line) ||
        !isOpen(x, y + line);
      if (!isEdge && (x + y) % period >= line) continue;
      pixels[at] = hatch.red;
      pixels[at + 1] = hatch.green;
      pixels[at + 2] = hatch.blue;
    }
  }
  return sharp(pixels, { raw: { ...raw, channels: 4 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/**
 * Small framed tiles from the upper right corner to the left; a second row begins when the first is
 * full.
 */
function drawTiles(
  sources: readonly Upload[],
  width: number,
  height: number,
): Promise<OverlayOptions[]> {
  const edge = Math.round(Math.min(width, height) * 0.18);
  const gap = Math.round(edge * 0.12);
  const frame = Math.max(2, Math.round(edge * 0.03));
  const columns = Math.max(1, Math.floor((width - gap) / (edge + gap)));
  return Promise.all(
    sources.map(async ({ bytes }, index) => ({
      input: await sharp(bytes)
        .autoOrient()
        .resize(edge - 2 * frame, edge - 2 * frame, { fit: 'cover' })
        .flatten({ background: '#808080' })
        .extend({ top: frame, bottom: frame, left: frame, right: frame, background: '#ffffff' })
        .png({ compressionLevel: 1 })
        .toBuffer(),
      left: width - ((index % columns) + 1) * (edge + gap),
      top: gap + Math.floor(index / columns) * (edge + gap),
    })),
  );
}
