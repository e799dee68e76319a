/** The id of an image: the id of its job and its number there, such as `job_…/0`. */
import { z } from 'zod';

export const imageIdSchema = z.string().regex(/^job_[\w-]{1,64}\/(?:0|[1-9]\d{0,3})$/, {
  error: 'takes the id of an image, such as job_019f2b7c8d9e7a6b8c9d0e1f2a3b4c5d/0',
});
