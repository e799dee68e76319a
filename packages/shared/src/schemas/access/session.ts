/** `/v1/session`: who a browser is to this API. */
import { z } from 'zod';
import { textSchema } from '../text.ts';

export const sessionRequestSchema = z.strictObject({
  key: textSchema(1, 1_024).meta({ description: 'A key of `KILN_API_KEYS`.' }),
});

export const sessionSchema = z
  .object({
    object: z.literal('session'),
    authenticated: z.boolean().meta({
      description:
        'Whether requests like this one are accepted. False: sign in with `POST /v1/session`.',
    }),
    keys_required: z.boolean().meta({
      description: 'False when Kiln runs without keys: every request is accepted.',
    }),
    method: z.enum(['session', 'api_key']).nullable().meta({
      description: 'What proves it: the cookie, or a key in a header. Null: nothing does.',
    }),
    created_at: z.int().nullable().meta({ description: 'Unix seconds: when it signed in.' }),
    expires_at: z.int().nullable().meta({
      description: 'Unix seconds: when the session ends, if it is not used before.',
    }),
  })
  .meta({ id: 'Session' });

export type Session = z.infer<typeof sessionSchema>;
