/** `/v1/jobs/{id}/images/{index}`: the provider's bytes, unchanged. */
import { KilnError } from '@kiln/shared/errors';
import { textSchema } from '@kiln/shared/schemas/text';
import { readImage, type ImageFile } from '@kiln/shared/services/images';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../caller.ts';
import type { ApiDeps } from '../deps.ts';
import { parseRange } from '../http-range.ts';

const params = z.object({ id: textSchema(1, 100), index: z.coerce.number().int().min(0).max(9) });
const query = z.strictObject({
  download: z.string().optional().meta({ description: '1: as a file with a name' }),
});

export const imageRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.get(
    '/v1/jobs/:id/images/:index',
    { schema: { tags: ['jobs'], summary: 'The bytes of an image', params, querystring: query } },
    async (request, reply) => {
      const image = await readImage(
        deps.images,
        callerOf(request).projectId,
        request.params.id,
        request.params.index,
      );
      const etag = `"${image.sha256}"`;
      if (namesVersion(request.headers['if-none-match'], etag))
        return describeImage(reply, image, request.query.download).code(304).send();

      const isSameVersion = (request.headers['if-range'] ?? etag) === etag;
      const range = parseRange(isSameVersion ? request.headers.range : undefined, image.bytes);
      switch (range.status) {
        case 'whole': {
          const stream = await image.open();
          return describeImage(reply, image, request.query.download)
            .header('content-length', image.bytes)
            .send(stream);
        }
        case 'part': {
          const stream = await image.open(range);
          void reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${image.bytes}`);
          return describeImage(reply, image, request.query.download)
            .header('content-length', range.end - range.start + 1)
            .send(stream);
        }
        case 'unsatisfiable':
          void reply.header('content-range', `bytes */${image.bytes}`);
          throw new KilnError(
            'range_not_satisfiable',
            `Range: received "${request.headers.range}"; the image has ${image.bytes} bytes`,
            { param: 'Range' },
          );
      }
    },
  );
};

function namesVersion(header: string | undefined, etag: string): boolean {
  return header !== undefined && (header.trim() === '*' || header.includes(etag));
}

/** Only when the bytes are at hand: an error that may be kept for a year would outlive its cause. */
function describeImage(reply: FastifyReply, image: ImageFile, download: string | undefined): FastifyReply {
  return (
    reply
      .header('etag', `"${image.sha256}"`)
      .header('accept-ranges', 'bytes')
      .header('cache-control', 'private, max-age=31536000, immutable')
      .header(
        'content-disposition',
        `${download === '1' ? 'attachment' : 'inline'}; filename="${image.fileName}"`,
      )
      // An SVG opened by itself is a document of this origin: it may not run anything, and nothing is guessed from bytes.
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
      .header('x-content-type-options', 'nosniff')
      .type(image.contentType)
  );
}
