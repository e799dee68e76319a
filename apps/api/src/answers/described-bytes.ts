/** Describes answers in `/openapi.json` that are not JSON: pictures, files, event streams. */
import { errorBodySchema } from '@kiln/shared/schemas/api';
import { z } from 'zod';

const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };

/** A stream, which no serializer sees. */
const bytes = z.unknown().meta({ type: 'string', format: 'binary' });

/** The content of a response of one of these media types. */
function bytesOf(...mediaTypes: readonly string[]) {
  return Object.fromEntries(mediaTypes.map((type) => [type, { schema: bytes }]));
}

/** Bytes that are streamed from beginning to end. */
export function streamed(description: string, ...mediaTypes: readonly string[]) {
  return { 200: { description, content: bytesOf(...mediaTypes) }, ...failures };
}

/** Bytes of the object store (`send-stored.ts`). */
export function stored(description: string, ...mediaTypes: readonly string[]) {
  return {
    ...streamed(description, ...mediaTypes),
    206: { description: 'The bytes of `Range`.', content: bytesOf(...mediaTypes) },
    302: z.null().meta({ description: 'The object store itself serves the bytes there.' }),
    304: z.null().meta({ description: 'The caller has these bytes (`If-None-Match`).' }),
  };
}

/** Server-sent events. */
export const eventStream = {
  'text/event-stream': {
    schema: z.string().meta({ description: 'Each event has its type and, as `data`, JSON.' }),
  },
};
