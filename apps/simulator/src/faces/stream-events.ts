/** Server-sent events of a streamed generation or edit, as both providers write them. */
import type { GenerationParameters } from '../parameters/generation.ts';
import type { Picture } from '../pictures/source.ts';

export interface StreamEvent {
  name: string;
  data: Readonly<Record<string, unknown>>;
}

export function writeEvent({ name, data }: StreamEvent): string {
  return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
}

export function buildPartialEvent(
  { size, quality, background, format, edit }: GenerationParameters,
  { base64 }: Picture,
  index: number,
): StreamEvent {
  return {
    name: `${prefixOf(edit)}.partial_image`,
    data: {
      b64_json: base64,
      created_at: Math.floor(Date.now() / 1000),
      size: `${size.width}x${size.height}`,
      quality,
      background,
      output_format: format,
      partial_image_index: index,
    },
  };
}

interface PlainBody {
  error?: unknown;
  created?: number;
  size?: string;
  quality?: string;
  background?: string;
  output_format?: string;
  data?: readonly { b64_json?: string; url?: string }[];
  usage?: unknown;
}

/**
 * Builds the last event of a stream from the body of the same call without streaming: the image or
 * the error.
 */
export function buildLastEvent(body: unknown, edit: GenerationParameters['edit']): StreamEvent {
  const { error, created, size, quality, background, output_format, data, usage } =
    body as PlainBody;
  if (error !== undefined) return { name: 'error', data: { error } };
  return {
    name: `${prefixOf(edit)}.completed`,
    data: {
      b64_json: data?.[0]?.b64_json,
      url: data?.[0]?.url,
      created_at: created,
      size,
      quality,
      background,
      output_format,
      usage,
    },
  };
}

function prefixOf(edit: GenerationParameters['edit']): string {
  return edit === null ? 'image_generation' : 'image_edit';
}
