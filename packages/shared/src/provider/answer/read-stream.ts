/**
 * Interprets the events of a streamed generation or edit: partial images, and how the stream ends.
 */
import { z } from 'zod';
import { isJson, parseJson } from './parse-json.ts';
import type { ServerSentEvent } from './read-events.ts';
import { hasPicture, readImages, type PictureSource, type ReadImages } from './read-images.ts';

/**
 * Receives the bytes of a partial image as the provider sent them, unchecked. Runs in the middle of
 * a paid call, so it must not throw.
 */
export type OnPartial = (index: number, bytes: Uint8Array) => void;

export type StreamEnd =
  | { status: 'completed'; read: ReadImages }
  /** `isUnderway`: partial images arrived before, so the call was executed. */
  | { status: 'error'; body: unknown; isUnderway: boolean }
  /** The stream ended without the completing event, whether cleanly or not. */
  | { status: 'cut' };

const eventSchema = z.looseObject({
  type: z.string().optional().catch(undefined),
  error: z.unknown().optional(),
  partial_image_index: z.int().min(0).max(99).optional().catch(undefined),
});
const partialSchema = z.object({ b64_json: z.string(), partial_image_index: z.int() });

/**
 * Reads up to the event that ends the call, and not further; with `wanted` above 1, up to the last
 * of so many images. Ignores other events, such as keep-alives.
 */
export async function readStream(
  events: AsyncIterable<ServerSentEvent>,
  onPartial: OnPartial,
  source: PictureSource,
  wanted: number,
): Promise<StreamEnd> {
  let isUnderway = false;
  let completed: ReadImages | null = null;
  for await (const event of events) {
    if (event.data.trim() === '[DONE]') break;
    const body = parseJson(event.data);
    const fields: EventFields = eventSchema.safeParse(body).data ?? {};
    const type = fields.type ?? event.name;
    if (isPartial(type, fields)) {
      isUnderway = true;
      showPartial(body, onPartial, source);
    } else if (hasPicture(body)) {
      completed = addRead(completed, await readImages(body, source));
      const count = completed.status === 'images' ? completed.images.length : 0;
      if (count >= wanted || (wanted === 1 && type.endsWith('.completed'))) break;
    } else if (isError(event.name, type, fields)) {
      if (completed?.status === 'images') break;
      return { status: 'error', body: body ?? event.data, isUnderway };
    } else if (type.endsWith('.completed') && isJson(event.data)) {
      completed = addRead(completed, await readImages(body, source));
    }
  }
  return completed === null ? { status: 'cut' } : { status: 'completed', read: completed };
}

type EventFields = Partial<z.infer<typeof eventSchema>>;

function isPartial(type: string, { partial_image_index: index }: EventFields): boolean {
  return type.endsWith('.partial_image') || (index !== undefined && !type.endsWith('.completed'));
}

/**
 * Like the official SDK, treat three things as an error: the event's name, its type, and an `error`
 * in its data.
 */
function isError(name: string, type: string, { error }: EventFields): boolean {
  return name === 'error' || type === 'error' || (error !== undefined && error !== null);
}

/** An unreadable preview is no loss: the final image is still to come. */
function showPartial(body: unknown, onPartial: OnPartial, { take }: PictureSource): void {
  const partial = partialSchema.safeParse(body).data;
  const picture = partial === undefined ? null : take(partial.b64_json);
  if (partial !== undefined && picture !== null)
    onPartial(partial.partial_image_index, picture.bytes);
}

/** Joins what several completing events say, each about images of its own. */
function addRead(one: ReadImages | null, other: ReadImages): ReadImages {
  if (one === null || one.status !== 'images') return other;
  if (other.status !== 'images') return one;
  return {
    ...one,
    images: [...one.images, ...other.images],
    missing: [...one.missing, ...other.missing],
    usage: other.usage ?? one.usage,
    svgUsage: other.svgUsage ?? one.svgUsage,
  };
}
