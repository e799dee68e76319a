/** The source pictures of an edit, as a caller names them and as the job stores them. */
import { z } from 'zod';
import { textSchema } from './text.ts';

/** The most images that the providers take for one edit. */
export const maxImages = 16;

const one = '{"file_id": "file-…"} or {"image_url": "data:image/png;base64,…"}';

/** The size of an `image_url` is limited by the size of the request body. */
export const sourceSchema = z
  .strictObject({ file_id: textSchema(1, 100).optional(), image_url: z.string().optional() })
  .refine(({ file_id: id, image_url: url }) => (id === undefined) !== (url === undefined), {
    error: `takes ${one}`,
  })
  .refine(({ image_url: url }) => url === undefined || /^data:/i.test(url), {
    error:
      'takes a data: URL. Kiln does not fetch addresses: send the bytes of the picture, or ' +
      'upload it as a file',
  })
  .meta({ description: one });

export type Source = z.infer<typeof sourceSchema>;

/** The stored form. Bytes are stored in files only. */
export const storedSourceSchema = z.object({ file_id: z.string() });

export type StoredSource = z.infer<typeof storedSourceSchema>;
