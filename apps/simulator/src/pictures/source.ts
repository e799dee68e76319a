/** The pictures of a call: rendered, or the one small picture that stands for all of them in load tests. */
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
  draw(parameters: GenerationParameters, settings: Pick<Settings, 'seed' | 'pictures'>): Promise<Picture[]>;
}

/** Pixels along an edge of the small picture. */
const tinyEdge = 64;

export function createPictureSource(): PictureSource {
  const tiny = new Map<string, Promise<Picture>>();
  return {
    draw(parameters, { seed, pictures }) {
      const requests = Array.from({ length: parameters.n }, (_, index) => toRequest(parameters, seed, index));
      if (pictures === 'full') return Promise.all(requests.map(render));
      return Promise.all(
        requests.map(({ format, transparent }) => {
          const key = `${format} ${transparent} ${seed}`;
          const known = tiny.get(key) ?? render({ ...toTiny(seed), format, transparent });
          tiny.set(key, known);
          return known;
        }),
      );
    },
  };
}

async function render(request: EncodeRequest): Promise<Picture> {
  const bytes = await renderPicture(request);
  return { base64: bytes.toString('base64'), sha256: createHash('sha256').update(bytes).digest('hex') };
}

function toRequest(parameters: GenerationParameters, seed: number, index: number): EncodeRequest {
  const { prompt, size, quality, format, compression, background, n } = parameters;
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
  };
}

function toTiny(seed: number): Omit<EncodeRequest, 'format' | 'transparent'> {
  return {
    seed,
    prompt: '',
    width: tinyEdge,
    height: tinyEdge,
    quality: 'low',
    compression: 80,
    index: 0,
    count: 1,
  };
}
