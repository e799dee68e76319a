/** The results of a batch as files, all of them streamed: failed rows, manifest, pictures. */
import { createBreaks } from '@kiln/shared/event-loop';
import { textSchema } from '@kiln/shared/schemas/text';
import { openArchive } from '@kiln/shared/services/batches/output/archive';
import { requireBatch } from '@kiln/shared/services/batches/batches';
import { openFailedLines, openFailedRows } from '@kiln/shared/services/batches/output/failed-rows';
import { writeExampleFile } from '@kiln/shared/services/batches/templates/example-file';
import { manifestLines } from '@kiln/shared/services/batches/output/manifest';
import { picturesOfBatch } from '@kiln/shared/services/batches/output/picture-list';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toCaller } from '../requests/caller.ts';
import { streamed } from '../answers/described-bytes.ts';
import { attachment } from '../answers/content-disposition.ts';
import { sendPieces, takeSlot } from '../answers/send-pieces.ts';
import { csv, sendText } from '../answers/send-text.ts';
import { disconnectSignal } from '../limits/wait-limiter.ts';
import type { ApiDeps } from '../deps.ts';

const params = z.object({ id: textSchema(1, 100) });
const tags = ['batches'];
export const csvQuery = z.strictObject({
  bom: z
    .enum(['0', '1'])
    .optional()
    .meta({ description: '`1`: with a byte order mark, which Excel wants.' }),
});

export const batchFileRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  const { limits } = deps.batches;

  app.get(
    '/v1/batches/template.csv',
    {
      schema: {
        tags,
        summary: 'A CSV file to fill in',
        querystring: csvQuery.extend({
          edits: z.enum(['0', '1']).optional().meta({ description: '`1`: with pictures.' }),
        }),
        response: streamed('Two rows as an example.', 'text/csv'),
      },
    },
    async (request, reply) =>
      reply
        .type(csv)
        .header('content-disposition', attachment('template.csv'))
        .send(writeExampleFile(request.query.bom === '1', request.query.edits === '1')),
  );

  app.get(
    '/v1/batches/:id/failed.csv',
    {
      schema: {
        tags,
        summary: 'The rows without pictures, as CSV',
        params,
        querystring: csvQuery,
        response: streamed('The rows, in the columns of the caller.', 'text/csv'),
      },
    },
    async (request, reply) => {
      const batch = await findBatch(request, request.params.id);
      const release = takeSlot(limits.tables, reply);
      const withMark = request.query.bom === '1';
      const signal = disconnectSignal(reply);
      const lines = await openFailedRows(deps.batches, batch, { withMark, signal });
      return sendText(reply, csv, `${batch.id}-failed.csv`, lines, release);
    },
  );

  app.get(
    '/v1/batches/:id/failed.jsonl',
    {
      schema: {
        tags,
        summary: 'The lines without pictures of a JSONL file',
        params,
        response: streamed('The lines of the caller.', 'application/jsonl'),
      },
    },
    async (request, reply) => {
      const batch = await findBatch(request, request.params.id);
      const release = takeSlot(limits.tables, reply);
      const lines = await openFailedLines(deps.batches, batch, disconnectSignal(reply));
      return sendText(reply, 'application/jsonl', `${batch.id}-failed.jsonl`, lines, release);
    },
  );

  app.get(
    '/v1/batches/:id/manifest.csv',
    {
      schema: {
        tags,
        summary: 'A table of its pictures',
        params,
        querystring: csvQuery,
        response: streamed('A row for each picture.', 'text/csv'),
      },
    },
    async (request, reply) => {
      const batch = await findBatch(request, request.params.id);
      const release = takeSlot(limits.tables, reply);
      const lines = manifestLines(deps.batches.db, picturesOfBatch(deps.batches.db, batch), {
        withMark: request.query.bom === '1',
        breaks: createBreaks(disconnectSignal(reply)),
      });
      return sendText(reply, csv, `${batch.id}-manifest.csv`, lines, release);
    },
  );

  app.get(
    '/v1/batches/:id/archive.zip',
    {
      schema: {
        tags,
        summary: 'Its pictures and its manifest, as ZIP',
        params,
        response: streamed('The archive.', 'application/zip'),
      },
    },
    async (request, reply) => {
      const batch = await findBatch(request, request.params.id);
      const release = takeSlot(limits.archives, reply);
      const archive = await openArchive(
        deps.batches,
        picturesOfBatch(deps.batches.db, batch),
        disconnectSignal(reply),
      );
      if (archive.bytes !== null) void reply.header('content-length', archive.bytes);
      void reply
        .type('application/zip')
        .header('content-disposition', attachment(`${batch.id}.zip`));
      return sendPieces(reply, archive.open(), release);
    },
  );

  function findBatch(request: FastifyRequest, id: string) {
    return requireBatch(deps.batches, toCaller(request).projectId, id);
  }
};
