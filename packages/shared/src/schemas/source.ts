/** The pictures an edit is made from, as a caller names them and as they are kept with the job. */
import { z } from 'zod';
import { textSchema } from './text.ts';

/** What the providers take. */
export const maxImages = 16;

const one = '{"file_id": "file-…"} or {"image_url": "data:image/png;base64,…"}';

/** The bytes of an `image_url` are bounded by the body's limit. */
export const sourceSchema = z
  .strictObject({ file_id: textSchema(1, 100).optional(), image_url: z.string().optional() })
  .refine(({ file_id: id, image_url: url }) => (id === undefined) !== (url === undefined), {
    error: `takes ${one}`,
  })
  .refine(({ image_url: url }) => url === undefined || /^data:/i.test(url), {
    error:
      'takes a data: URL; an address is not fetched: fetch the picture and send its bytes, or upload it as a file',
  })
  .meta({ description: one });

export type Source = z.infer<typeof sourceSchema>;

/** As it is kept: bytes live in files only. */
export const storedSourceSchema = z.object({ file_id: z.string() });

export type StoredSource = z.infer<typeof storedSourceSchema>;
