/**
 * Composes one picture as an SVG document: a motif and a caption, both determined by the seed, the
 * prompt and the index.
 */
import { createRandom } from '../random.ts';
import { drawCaption } from './caption.ts';
import { drawBloom } from './motifs/bloom.ts';
import type { Canvas, Motif } from './motifs/canvas.ts';
import { drawHills } from './motifs/hills.ts';
import { drawOrbit } from './motifs/orbit.ts';
import { drawPeaks } from './motifs/peaks.ts';
import { drawSea } from './motifs/sea.ts';
import { drawSkyline } from './motifs/skyline.ts';
import { drawTiles } from './motifs/tiles.ts';
import { buildPalette } from './palette.ts';
import { round } from './rounding.ts';

export interface PictureRequest {
  seed: number;
  prompt: string;
  width: number;
  height: number;
  quality: string;
  format: string;
  transparent: boolean;
  /** Counts from 0, below `count`. */
  index: number;
  count: number;
}

const motifs: readonly [Motif, ...Motif[]] = [
  drawHills,
  drawSea,
  drawPeaks,
  drawOrbit,
  drawTiles,
  drawBloom,
  drawSkyline,
];

export function composePicture(request: PictureRequest): string {
  const { scene, caption } = composeParts(request, []);
  return toDocument(request, `${scene}${caption}`);
}

/** The two layers of an edit, each a document of its own; `facts` are added to the usual facts. */
export function composeLayers(request: PictureRequest, facts: readonly string[]) {
  const { scene, caption } = composeParts(request, facts);
  return { scene: toDocument(request, scene), caption: toDocument(request, caption) };
}

function composeParts(request: PictureRequest, further: readonly string[]) {
  const { seed, prompt, width, height, quality, format, transparent, index, count } = request;
  const random = createRandom(seed, prompt, index);
  const motif = random.pick(motifs);
  const palette = buildPalette(random);
  const canvas: Canvas = { width, height, unit: Math.min(width, height), random, palette };
  const scene = motif(canvas);
  const facts = [
    `${width} × ${height}`,
    quality,
    format,
    `${index + 1} of ${count}`,
    ...further,
    'Kiln simulator',
  ];
  const caption = drawCaption({ prompt, facts, width, height, centred: transparent, palette });
  return { scene: transparent ? cutOut(canvas, scene) : scene, caption };
}

function toDocument({ width, height }: PictureRequest, content: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"` +
    ` viewBox="0 0 ${width} ${height}">${content}</svg>`
  );
}

/** Clips the scene to a circle; everything outside stays transparent. */
function cutOut({ width, height, unit, palette }: Canvas, scene: string): string {
  const circle = `cx="${round(width / 2)}" cy="${round(height * 0.46)}" r="${round(unit * 0.4)}"`;
  return (
    `<clipPath id="medal"><circle ${circle}/></clipPath><g clip-path="url(#medal)">${scene}</g>` +
    `<circle ${circle} fill="none" stroke="${palette.light}" ` +
    `stroke-width="${round(unit * 0.012)}"/>`
  );
}
