/** The images of a selection or an album as files, streamed: the pictures, and a table of them. */
import { createBreaks } from '@kiln/shared/event-loop';
import { textSchema } from '@kiln/shared/schemas/text';
import { openArchive } from '@kiln/shared/services/batches/output/archive';
import { manifestLines } from '@kiln/shared/services/batches/output/manifest';
import { readAlbum } from '@kiln/shared/services/gallery/albums';
import { picturesOfChoice, type ImageChoice } from '@kiln/shared/services/gallery/chosen-pictures';
import { choiceOf, requireSelection } from '@kiln/shared/services/gallery/selections';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { attachment } from '../../answers/content-disposition.ts';
import { streamed } from '../../answers/described-bytes.ts';
import { sendPieces, takeSlot } from '../../answers/send-pieces.ts';
import { csv, sendText } from '../../answers/send-text.ts';
import type { ApiDeps } from '../../deps.ts';
import { disconnectSignal } from '../../limits/wait-limiter.ts';
import { toCaller } from '../../requests/caller.ts';
import { csvQuery } from '../batch-files.ts';

const params = z.object({ id: textSchema(1, 100) });
const tags = ['gallery'];

export const imageFileRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  const { gallery } = deps;

  app.get(
    '/v1/selections/:id/archive.zip',
    {
      schema: {
        tags,
        summary: 'The pictures of a selection and a table of them, as ZIP',
        params,
        response: streamed('The archive.', 'application/zip'),
      },
    },
    async (request, reply) => {
      const { choice, name } = await chosenBySelection(request, request.params.id);
      return sendArchive(request, reply, choice, name);
    },
  );

  app.get(
    '/v1/selections/:id/manifest.csv',
    {
      schema: {
        tags,
        summary: 'A table of the images of a selection',
        params,
        querystring: csvQuery,
        response: streamed('A row for each image.', 'text/csv'),
      },
    },
    async (request, reply) => {
      const { choice, name } = await chosenBySelection(request, request.params.id);
      return sendManifest(request, reply, choice, { name, withMark: request.query.bom === '1' });
    },
  );

  app.get(
    '/v1/albums/:id/archive.zip',
    {
      schema: {
        tags,
        summary: 'The pictures of an album and a table of them, as ZIP',
        params,
        response: streamed('The archive.', 'application/zip'),
      },
    },
    async (request, reply) => {
      const { choice, name } = await chosenByAlbum(request, request.params.id);
      return sendArchive(request, reply, choice, name);
    },
  );

  app.get(
    '/v1/albums/:id/manifest.csv',
    {
      schema: {
        tags,
        summary: 'A table of the images of an album',
        params,
        querystring: csvQuery,
        response: streamed('A row for each image.', 'text/csv'),
      },
    },
    async (request, reply) => {
      const { choice, name } = await chosenByAlbum(request, request.params.id);
      return sendManifest(request, reply, choice, { name, withMark: request.query.bom === '1' });
    },
  );

  async function chosenBySelection(request: FastifyRequest, id: string) {
    const row = await requireSelection(gallery, toCaller(request).projectId, id);
    return { choice: choiceOf(row), name: row.id };
  }

  async function chosenByAlbum(request: FastifyRequest, id: string) {
    const { name } = await readAlbum(gallery, toCaller(request), id);
    const filter = { album_id: id };
    return { choice: { filter, exceptIds: [], imageIds: null, selectedAt: null }, name };
  }

  async function sendArchive(
    request: FastifyRequest,
    reply: FastifyReply,
    choice: ImageChoice,
    name: string,
  ): Promise<FastifyReply> {
    const release = takeSlot(gallery.limits.archives, reply);
    const signal = disconnectSignal(reply);
    const archive = await openArchive(gallery, await pictures(request, choice, signal), signal);
    void reply
      .type('application/zip')
      .header('content-disposition', attachment(`${toFileName(name)}.zip`));
    return sendPieces(reply, archive.open(), release);
  }

  async function sendManifest(
    request: FastifyRequest,
    reply: FastifyReply,
    choice: ImageChoice,
    { name, withMark }: { name: string; withMark: boolean },
  ): Promise<FastifyReply> {
    const release = takeSlot(gallery.limits.tables, reply);
    const signal = disconnectSignal(reply);
    const list = await pictures(request, choice, signal);
    const lines = manifestLines(gallery.db, list, { withMark, breaks: createBreaks(signal) });
    return sendText(reply, csv, `${toFileName(name)}-manifest.csv`, lines, release);
  }

  function pictures(request: FastifyRequest, choice: ImageChoice, signal: AbortSignal) {
    const { projectId } = toCaller(request);
    return picturesOfChoice(gallery.db, projectId, choice, createBreaks(signal));
  }
};

/** The name of an album may have characters that no file system takes. */
function toFileName(name: string): string {
  return name.replaceAll(/[/\\<>:"|?*\p{Cc}]/gu, '_');
}
