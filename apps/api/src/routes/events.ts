/**
 * `/v1/events`, `/v1/jobs/{id}/events` and `/v1/batches/{id}/events`: server-sent events that
 * resume after the last event the client received. `/v1/events` also lists stored events as JSON.
 * Open streams are limited (`stream-limiter.ts`) and end when the process stops.
 */
import { errorBodySchema, listSchema, numberText } from '@kiln/shared/schemas/api';
import { eventSchema, eventTypes, isEventType } from '@kiln/shared/schemas/event';
import * as events from '@kiln/shared/services/events/event-streams';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toCaller } from '../requests/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { toList } from '../answers/list.ts';
import type { Authentication } from '../plugins/authenticate.ts';
import { eventStream } from '../answers/described-bytes.ts';
import { sendEventStream } from '../answers/send-event-stream.ts';
import type { StreamLimiter } from '../limits/stream-limiter.ts';
import { disconnectSignal } from '../limits/wait-limiter.ts';
import { cutText, textSchema } from '@kiln/shared/schemas/text';

const params = z.object({ id: textSchema(1, 100) });
const eventId = textSchema(1, 100).optional();
const resumeQuery = z.strictObject({
  last_event_id: eventId.meta({
    description: 'Resumes after this event, like `Last-Event-ID`.',
  }),
  after: eventId.meta({ description: 'The same as `last_event_id`.' }),
  stream_token: textSchema(1, 100).optional().meta({
    description: 'A token of `POST /v1/stream_tokens`, for clients that cannot send a key.',
  }),
});
const types = z
  .union([z.string(), z.array(z.string())])
  .transform((value, context) => {
    const names = [value].flat().flatMap((names) => names.split(','));
    const unknown = names.find((name) => !isEventType(name));
    if (unknown === undefined) return names.filter(isEventType);
    const received = JSON.stringify(cutText(unknown, 60));
    context.addIssue({
      code: 'custom',
      message: `received ${received}; it takes ${eventTypes.join(', ')}`,
    });
    return z.NEVER;
  })
  .optional()
  .meta({ description: 'Only these types; separate them by commas or repeat the parameter.' });
const eventsQuery = resumeQuery.extend({
  types,
  type: types,
  job_id: textSchema(1, 100).optional(),
  batch_id: textSchema(1, 100).optional(),
  limit: numberText(1, 100).default(20).meta({ description: 'Events per page of JSON.' }),
});
const headers = z.looseObject({
  accept: z.string().optional(),
  'last-event-id': textSchema(0, 100).optional().meta({ description: 'Resumes after this event.' }),
});
const schema = {
  tags: ['events'],
  headers,
  response: {
    200: { description: 'The events, as they happen.', content: eventStream },
    204: z.null().meta({ description: 'Every event has been sent.' }),
    '4xx': errorBodySchema,
    '5xx': errorBodySchema,
  },
};
/** No HEAD routes: an event stream has no end that a HEAD request could wait for. */
const exposeHeadRoute = false;

export const eventRoutes: FastifyPluginAsyncZod<{
  deps: ApiDeps;
  streams: StreamLimiter;
  authentication: Authentication;
}> = async (app, { deps, streams, authentication }) => {
  const { eventStallMs } = deps.jobs.config;

  app.get(
    '/v1/events',
    {
      exposeHeadRoute,
      schema: {
        ...schema,
        summary: 'Follow all events, or list them with Accept: application/json',
        querystring: eventsQuery,
        response: {
          ...schema.response,
          200: {
            description: 'The events as they happen or, as JSON, a page of stored ones.',
            content: { ...eventStream, 'application/json': { schema: listSchema(eventSchema) } },
          },
        },
      },
    },
    async (request, reply) => {
      const {
        type,
        limit,
        last_event_id: lastEventId,
        after = lastEventId,
        stream_token: _token,
        ...rest
      } = request.query;
      const choice = { ...rest, types: rest.types ?? type };
      if (!wantsJson(request))
        return send(request, reply, (resumption) =>
          events.streamEvents(deps.events, toCaller(request), choice, resumption),
        );
      const page = await events.listEvents(
        deps.events,
        toCaller(request),
        { ...choice, after, limit },
        disconnectSignal(reply),
      );
      return toList(page.events, page.hasMore);
    },
  );

  app.get(
    '/v1/jobs/:id/events',
    {
      exposeHeadRoute,
      schema: { ...schema, summary: 'Follow a job', params, querystring: resumeQuery },
    },
    async (request, reply) =>
      send(request, reply, (resumption) =>
        events.streamJobEvents(deps.events, toCaller(request), request.params.id, resumption),
      ),
  );

  app.get(
    '/v1/batches/:id/events',
    {
      exposeHeadRoute,
      schema: {
        ...schema,
        summary: 'Follow a batch and its jobs',
        params,
        querystring: resumeQuery,
      },
    },
    async (request, reply) =>
      send(request, reply, (resumption) =>
        events.streamBatchEvents(deps.events, toCaller(request), request.params.id, resumption),
      ),
  );

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    open: (resumption: events.Resumption) => Promise<events.EventStream>,
  ): Promise<FastifyReply> {
    streams.admit(authentication.nameCaller(request), reply);
    const signal = AbortSignal.any([disconnectSignal(reply), deps.stopping]);
    const stream = await open({ ...readResumption(request), signal });
    // A 204 makes EventSource stop reconnecting.
    if (stream.status === 'over') return reply.code(204).send();
    return sendEventStream(reply, stream.body, eventStallMs);
  }
};

/**
 * Finds the last event the client received. The header comes first: `EventSource` reconnects to its
 * original URL and reports later events only in the header.
 */
function readResumption({
  headers: sent,
  query,
}: FastifyRequest): Pick<events.Resumption, 'lastEventId' | 'param'> {
  const header = sent['last-event-id'];
  if (typeof header === 'string' && header !== '')
    return { lastEventId: header, param: 'Last-Event-ID' };
  const { last_event_id: id, after } = query as { last_event_id?: string; after?: string };
  return id === undefined
    ? { lastEventId: after ?? null, param: 'after' }
    : { lastEventId: id, param: 'last_event_id' };
}

function wantsJson({ headers: { accept = '' } }: FastifyRequest): boolean {
  return accept.includes('application/json') && !accept.includes('text/event-stream');
}
