/**
 * `/v1/jobs/{id}/images/{index}`: the provider's bytes, unchanged; a thumbnail is another picture,
 * and asked for as one.
 */
import { textSchema } from '@kiln/shared/schemas/text';
import { readImage, type ImageFile } from '@kiln/shared/services/jobs/images';
import { readThumbnail } from '@kiln/shared/services/jobs/thumbnails';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../requests/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { sendStored } from '../answers/send-stored.ts';

const params = z.object({ id: textSchema(1, 100), index: z.coerce.number().int().min(0).max(9) });
const query = z.strictObject({
  download: z.string().optional().meta({ description: '1: as a file with a name' }),
  thumbnail: z.enum(['', '1']).optional().meta({
    description: 'A webp of at most 320 pixels on its longer edge, in place of the image',
  }),
});

export const imageRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.get(
    '/v1/jobs/:id/images/:index',
    { schema: { tags: ['jobs'], summary: 'The bytes of an image', params, querystring: query } },
    async (request, reply) => {
      const { id, index } = request.params;
      const read = request.query.thumbnail === undefined ? readImage : readThumbnail;
      const image = await read(deps.images, callerOf(request).projectId, id, index);
      return sendStored(request, reply, {
        ...image,
        link: () =>
          deps.links({
            ...image,
            contentDisposition: dispositionOf(image, request.query.download),
          }),
        what: request.query.thumbnail === undefined ? 'the image' : 'the thumbnail',
        describe: () => describeImage(reply, image, request.query.download),
      });
    },
  );
};

function describeImage(
  reply: FastifyReply,
  image: ImageFile,
  download: string | undefined,
): FastifyReply {
  return (
    reply
      .header('cache-control', 'private, max-age=31536000, immutable')
      .header('content-disposition', dispositionOf(image, download))
      // An SVG opened by itself is a document of this origin: it may not run anything, and nothing
      // is guessed from bytes.
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
      .header('x-content-type-options', 'nosniff')
      .type(image.contentType)
  );
}

function dispositionOf({ fileName }: ImageFile, download: string | undefined): string {
  return `${download === '1' ? 'attachment' : 'inline'}; filename="${fileName}"`;
}
