/**
 * `/v1/jobs/{id}/images/{index}`: the provider's bytes, unchanged, or a thumbnail on request; and
 * `…/composite`, the first image of an edit laid back outside the mask.
 */
import { contentTypeOf } from '@kiln/shared/domain/content-type';
import { numberText } from '@kiln/shared/schemas/api';
import { textSchema } from '@kiln/shared/schemas/text';
import { readComposite } from '@kiln/shared/services/jobs/composites';
import { readImage, type ImageFile } from '@kiln/shared/services/jobs/images';
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

  function send(
    request: FastifyRequest,
    reply: FastifyReply,
    image: ImageFile,
    { what, download }: { what: string; download: string | undefined },
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
      describe: () => describeImage(reply, image, download),
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
      .header('cache-control', 'private, max-age=31536000, immutable')
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
