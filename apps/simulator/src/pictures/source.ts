/**
 * The pictures of a call: rendered, or one small cached picture that replaces all of them in load
 * tests.
 */
import { createHash } from 'node:crypto';
import type { GenerationParameters } from '../parameters/generation.ts';
import type { Settings } from '../settings.ts';
import { renderPicture, type EncodeRequest } from './encoder.ts';

export interface Picture {
  base64: string;
  sha256: string;
}

export interface PictureSource {
  /** Draws `n` pictures; the same seed and parameters give the same pictures. */
  draw(parameters: GenerationParameters, settings: DrawSettings): Promise<Picture[]>;
  /**
   * Draws a partial image of the first picture: coarse at index 0, finer with every index below
   * `count`.
   */
  drawPartial(
    parameters: GenerationParameters,
    settings: DrawSettings,
    partial: { index: number; count: number },
  ): Promise<Picture>;
}

type DrawSettings = Pick<Settings, 'seed' | 'pictures'>;

/** Edge of the small picture in pixels. */
const tinyEdge = 64;
/** Coarseness of the last partial image; each earlier one is twice as coarse. */
const finestPartial = 8;

export function createPictureSource(): PictureSource {
  const tiny = new Map<string, Promise<Picture>>();
  const drawOne = (request: EncodeRequest, pictures: Settings['pictures']): Promise<Picture> => {
    if (pictures === 'full') return render(request);
    const { format, transparent, coarseness, seed, frames } = request;
    const key = `${format} ${transparent} ${coarseness} ${seed} ${frames?.count}`;
    const known =
      tiny.get(key) ?? render({ ...toTiny(seed), format, transparent, coarseness, frames });
    tiny.set(key, known);
    return known;
  };
  return {
    draw: (parameters, { seed, pictures }) =>
      Promise.all(
        Array.from({ length: parameters.n }, (_, index) =>
          drawOne(toRequest(parameters, seed, index), pictures),
        ),
      ),
    drawPartial(parameters, { seed, pictures }, { index, count }) {
      const coarseness = finestPartial * 2 ** (count - 1 - index);
      return drawOne({ ...toRequest(parameters, seed, 0), coarseness }, pictures);
    },
  };
}

async function render(request: EncodeRequest): Promise<Picture> {
  const bytes = await renderPicture(request);
  return {
    base64: bytes.toString('base64'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

function toRequest(parameters: GenerationParameters, seed: number, index: number): EncodeRequest {
  const { prompt, size, quality, format, compression, background, frames, n, edit } = parameters;
  return {
    seed,
    prompt,
    ...size,
    quality,
    format,
    compression,
    frames,
    transparent: background === 'transparent',
    index,
    count: n,
    uploads: edit?.uploads ?? null,
    coarseness: 1,
  };
}

function toTiny(
  seed: number,
): Omit<EncodeRequest, 'format' | 'transparent' | 'coarseness' | 'frames'> {
  return {
    seed,
    prompt: '',
    width: tinyEdge,
    height: tinyEdge,
    quality: 'low',
    compression: 80,
    index: 0,
    count: 1,
    uploads: null, // the ledger records an edit's pictures
  };
}
