/**
 * The pictures of a call: rendered, or the one small picture that stands for all of them in load
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
  /** `n` pictures, the same for the same seed and parameters. */
  draw(parameters: GenerationParameters, settings: DrawSettings): Promise<Picture[]>;
  /**
   * What is seen of the first picture while it is made: coarse, and finer with every index from 0
   * below `count`.
   */
  drawPartial(
    parameters: GenerationParameters,
    settings: DrawSettings,
    partial: { index: number; count: number },
  ): Promise<Picture>;
}

type DrawSettings = Pick<Settings, 'seed' | 'pictures'>;

/** Pixels along an edge of the small picture. */
const tinyEdge = 64;
/** The coarseness of the last partial image; each one before it is twice as coarse. */
const finestPartial = 8;

export function createPictureSource(): PictureSource {
  const tiny = new Map<string, Promise<Picture>>();
  const drawOne = (request: EncodeRequest, pictures: Settings['pictures']): Promise<Picture> => {
    if (pictures === 'full') return render(request);
    const { format, transparent, coarseness, seed } = request;
    const key = `${format} ${transparent} ${coarseness} ${seed}`;
    const known = tiny.get(key) ?? render({ ...toTiny(seed), format, transparent, coarseness });
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
  const { prompt, size, quality, format, compression, background, n, edit } = parameters;
  return {
    seed,
    prompt,
    ...size,
    quality,
    format,
    compression,
    transparent: background === 'transparent',
    index,
    count: n,
    uploads: edit?.uploads ?? null,
    coarseness: 1,
  };
}

function toTiny(seed: number): Omit<EncodeRequest, 'format' | 'transparent' | 'coarseness'> {
  return {
    seed,
    prompt: '',
    width: tinyEdge,
    height: tinyEdge,
    quality: 'low',
    compression: 80,
    index: 0,
    count: 1,
    uploads: null, // what came with an edit is in the ledger
  };
}
