/** What a call is billed for, from its parameters. */
import type { GenerationParameters } from '../parameters/generation.ts';
import { buildUsage, type Usage } from '../tokens.ts';

export function countUsage({
  prompt,
  model,
  size,
  quality,
  n,
  frames,
  stream,
  edit,
}: GenerationParameters): Usage {
  const pictures =
    edit === null
      ? []
      : [...edit.uploads.images, edit.uploads.mask, edit.uploads.markup].flatMap(
          (upload) => upload?.picture ?? [],
        );
  return buildUsage(
    prompt,
    { model, quality, frames: frames?.count ?? 1, ...size },
    n,
    stream?.partialImages ?? 0,
    edit === null ? null : { pictures, fidelity: edit.fidelity },
  );
}
