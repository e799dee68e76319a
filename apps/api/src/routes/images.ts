/**
 * `/v1/jobs/{id}/images/{index}`: the provider's bytes, unchanged, or a thumbnail on request;
 * `…/composite`, the first image of an edit laid back outside the mask; and
 * `/v1/jobs/{id}/partial_images/{index}`, what a streamed call has sent so far.
 */
import { contentTypeOf } from '@kiln/shared/domain/content-type';
import { numberText } from '@kiln/shared/schemas/api';
import { textSchema } from '@kiln/shared/schemas/text';
import { readComposite } from '@kiln/shared/services/jobs/composites';
import { readImage, type ImageFile } from '@kiln/shared/services/jobs/images';
import { readPartialImage } from '@kiln/shared/services/jobs/partial-images';
import { readThumbnail } from '@kiln/shared/services/jobs/thumbnails';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toCaller } from '../requests/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { stored } from '../answers/described-bytes.ts';
import { sendStored } from '../answers/send-stored.ts';

const params = z.object({ id: textSchema(1, 100), index: numberText(0, 9) });
const compositeQuery = z.strictObject({
  download: z.string().optional().meta({ description: '`1`: as an attachment with a file name' }),
});
const query = compositeQuery.extend({
  thumbnail: z.enum(['', '1']).optional().meta({
    description: 'A webp whose longer edge is at most 320 pixels, instead of the image',
  }),
});

const partialQuery = z.strictObject({
  attempt: numberText(1, 999_999_999).optional().meta({
    description: 'The number of the attempt. Default: the last one that sent this partial image.',
  }),
});

/** Never changes under its address. */
const kept = 'private, max-age=31536000, immutable';
/** A later attempt may send another one, and it is gone after the job's end. */
const passing = 'private, no-cache';

export const imageRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.get(
    '/v1/jobs/:id/images/:index',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Download an image',
        params,
        querystring: query,
        response: stored('The picture, as the provider sent it.', 'image/*'),
      },
    },
    async (request, reply) => {
      const { id, index } = request.params;
      const read = request.query.thumbnail === undefined ? readImage : readThumbnail;
      const image = await read(deps.images, toCaller(request).projectId, id, index);
      const what = request.query.thumbnail === undefined ? 'the image' : 'the thumbnail';
      return send(request, reply, image, { what, download: request.query.download });
    },
  );

  app.get(
    '/v1/jobs/:id/images/:index/composite',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Download the composite of an edit',
        params,
        querystring: compositeQuery,
        response: stored('The first image, with the result inside the mask.', 'image/png'),
      },
    },
    async (request, reply) => {
      const { id, index } = request.params;
      const composite = await readComposite(deps.images, toCaller(request).projectId, id, index);
      const { download } = request.query;
      return send(request, reply, composite, { what: 'the composite', download });
    },
  );

  app.get(
    '/v1/jobs/:id/partial_images/:index',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Download a partial image',
        params,
        querystring: partialQuery,
        response: stored('A preview of a call that is streamed; never a result.', 'image/*'),
      },
    },
    async (request, reply) => {
      const { id: jobId, index } = request.params;
      const choice = { jobId, index, attempt: request.query.attempt };
      const preview = await readPartialImage(deps.images, toCaller(request).projectId, choice);
      const what = 'the partial image';
      return send(request, reply, preview, { what, download: undefined, cacheControl: passing });
    },
  );

  function send(
    request: FastifyRequest,
    reply: FastifyReply,
    image: ImageFile,
    {
      what,
      download,
      cacheControl = kept,
    }: { what: string; download: string | undefined; cacheControl?: string },
  ) {
    return sendStored(request, reply, {
      ...image,
      link: () =>
        deps.links({
          ...image,
          contentDisposition: buildDisposition(
            image,
            // The store sends no policy, so an SVG must not become a document of its origin.
            image.contentType === contentTypeOf('svg') ? '1' : download,
          ),
        }),
      what,
      describe: () => describeImage(reply, image, download).header('cache-control', cacheControl),
    });
  }
};

function describeImage(
  reply: FastifyReply,
  image: ImageFile,
  download: string | undefined,
): FastifyReply {
  return (
    reply
      .header('content-disposition', buildDisposition(image, download))
      // An SVG opened directly is a document of this origin: it must not run scripts, and browsers
      // must not sniff the type.
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
      .header('x-content-type-options', 'nosniff')
      .type(image.contentType)
  );
}

function buildDisposition({ fileName }: ImageFile, download: string | undefined): string {
  return `${download === '1' ? 'attachment' : 'inline'}; filename="${fileName}"`;
}
