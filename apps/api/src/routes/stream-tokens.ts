/** `/v1/stream_tokens`: a token with which a browser opens an event stream without a header. */
import { errorBodySchema } from '@kiln/shared/schemas/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Authentication } from '../plugins/authenticate.ts';
import { toCaller } from '../requests/caller.ts';

const streamPath = /^\/v1\/(events|(jobs|batches)\/[\w-]{1,100}\/events)$/;

const streamTokenRequestSchema = z.strictObject({
  stream: z
    .string()
    .regex(streamPath, {
      error: 'takes /v1/events, /v1/jobs/{id}/events or /v1/batches/{id}/events',
    })
    .meta({ description: 'The path of the stream, without a query.' }),
});

const streamTokenSchema = z
  .object({
    object: z.literal('stream_token'),
    stream: z.string(),
    token: z.string().meta({ description: 'Send it as `stream_token` in the query.' }),
    url: z.string().meta({ description: 'The address of the stream with the token.' }),
    expires_at: z.int().meta({
      description: 'Unix seconds: the stream can be opened until then. An open stream goes on.',
    }),
  })
  .meta({ id: 'StreamToken' });

export const streamTokenRoutes: FastifyPluginAsyncZod<{
  authentication: Authentication;
}> = async (app, { authentication }) => {
  app.post(
    '/v1/stream_tokens',
    {
      schema: {
        tags: ['events'],
        summary: 'Make a token to open one event stream with',
        body: streamTokenRequestSchema,
        response: { 200: streamTokenSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
      },
    },
    async (request, reply) => {
      const { stream } = request.body;
      const { token, expiresAtSeconds } = authentication.buildStreamToken(request, stream);
      void reply.header('cache-control', 'no-store');
      return {
        object: 'stream_token' as const,
        stream,
        token,
        url: `${toCaller(request).baseUrl}${stream}?stream_token=${token}`,
        expires_at: expiresAtSeconds,
      };
    },
  );
};
