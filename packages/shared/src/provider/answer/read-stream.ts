/**
 * Interprets the events of a streamed generation or edit: partial images, and how the stream ends.
 */
import { z } from 'zod';
import type { TakePicture } from './extract-base64-images.ts';
import type { ServerSentEvent } from './read-events.ts';
import { parseJson, readAnswered, type ReadImages } from './read-images.ts';

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

const completed = ['image_generation.completed', 'image_edit.completed'];
const partialImage = ['image_generation.partial_image', 'image_edit.partial_image'];

const typeSchema = z.object({ type: z.string() });
const errorSchema = z.object({ error: z.record(z.string(), z.unknown()) });
const partialSchema = z.object({
  b64_json: z.string(),
  partial_image_index: z.int().min(0).max(99),
});
const completedSchema = z.looseObject({ b64_json: z.unknown() });

/**
 * Reads up to the event that ends the call, and not further. Ignores other events, such as
 * keep-alives.
 */
export async function readStream(
  events: AsyncIterable<ServerSentEvent>,
  onPartial: OnPartial,
  take: TakePicture,
): Promise<StreamEnd> {
  let isUnderway = false;
  for await (const { name, data } of events) {
    const body = parseJson(data);
    const type = typeSchema.safeParse(body).data?.type ?? name;
    if (completed.includes(type))
      return { status: 'completed', read: await readCompleted(body, take) };
    // Like the official SDK, treat three things as an error: the event's name, its type, and an
    // `error` in its data.
    if (name === 'error' || type === 'error' || errorSchema.safeParse(body).success)
      return { status: 'error', body, isUnderway };
    if (!partialImage.includes(type)) continue;
    isUnderway = true;
    const partial = partialSchema.safeParse(body).data;
    const picture = partial === undefined ? null : take(partial.b64_json);
    // An unreadable preview is no loss: the final image is still to come.
    if (partial !== undefined && picture !== null)
      onPartial(partial.partial_image_index, picture.bytes);
  }
  return { status: 'cut' };
}

/** Treats an event that is not JSON like an answer that is not JSON. */
function readCompleted(body: unknown, take: TakePicture): Promise<ReadImages> {
  const event = completedSchema.safeParse(body).data;
  return readAnswered(
    event === undefined ? undefined : { ...event, data: [{ b64_json: event.b64_json }] },
    take,
  );
}
