/** `/v1/images`: the images of all jobs, as the gallery shows them. */
import { errorBodySchema, numberText } from '@kiln/shared/schemas/api';
import {
  imageCountQuerySchema,
  imagePageQuerySchema,
} from '@kiln/shared/schemas/gallery/image-filter';
import {
  galleryImageListSchema,
  galleryImageSchema,
  imageCountSchema,
  imageDetailsSchema,
  imageMarksSchema,
} from '@kiln/shared/schemas/gallery/image';
import { textSchema } from '@kiln/shared/schemas/text';
import { markImage, restoreImage, trashImage } from '@kiln/shared/services/gallery/change-image';
import { describeImage } from '@kiln/shared/services/gallery/image-details';
import { countPassing, listImagePage } from '@kiln/shared/services/gallery/wall';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toList } from '../../answers/list.ts';
import type { ApiDeps } from '../../deps.ts';
import { disconnectSignal } from '../../limits/wait-limiter.ts';
import { toCaller } from '../../requests/caller.ts';
import { liftMembers } from '../../requests/nested-query.ts';

const params = z.object({ id: textSchema(1, 100), index: numberText(0, 9) });
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['gallery'];

export const galleryImageRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (
  app,
  { deps },
) => {
  app.get(
    '/v1/images',
    {
      schema: {
        tags,
        summary: 'List images',
        description:
          'The newest job comes first, and the images of a job in their order. All filters hold ' +
          'together.',
        querystring: imagePageQuerySchema,
        response: { 200: galleryImageListSchema, ...failures },
      },
      preValidation: liftMembers('metadata'),
    },
    async (request, reply) => {
      const signal = disconnectSignal(reply);
      const page = await listImagePage(deps.gallery, toCaller(request), request.query, signal);
      return {
        ...toList(page.images, page.hasMore, page.continueAfter),
        search_complete: page.isSearchComplete,
      };
    },
  );

  app.get(
    '/v1/images/count',
    {
      schema: {
        tags,
        summary: 'Count images',
        querystring: imageCountQuerySchema,
        response: { 200: imageCountSchema, ...failures },
      },
      preValidation: liftMembers('metadata'),
    },
    (request, reply) =>
      countPassing(deps.gallery, toCaller(request), request.query, disconnectSignal(reply)),
  );

  app.get(
    '/v1/images/:id/:index',
    {
      schema: {
        tags,
        summary: 'Read everything about an image',
        params,
        response: { 200: imageDetailsSchema, ...failures },
      },
    },
    (request) => describeImage(deps.gallery, toCaller(request), keyOf(request.params)),
  );

  app.patch(
    '/v1/images/:id/:index',
    {
      schema: {
        tags,
        summary: 'Rate or star an image',
        params,
        body: imageMarksSchema,
        response: { 200: galleryImageSchema, ...failures },
      },
    },
    (request) => markImage(deps.gallery, toCaller(request), keyOf(request.params), request.body),
  );

  app.delete(
    '/v1/images/:id/:index',
    {
      schema: {
        tags,
        summary: 'Put an image in the trash, where it can be restored for some days',
        params,
        response: { 200: galleryImageSchema, ...failures },
      },
    },
    (request) => trashImage(deps.gallery, toCaller(request), keyOf(request.params)),
  );

  app.post(
    '/v1/images/:id/:index/restore',
    {
      schema: {
        tags,
        summary: 'Take an image out of the trash',
        params,
        response: { 200: galleryImageSchema, ...failures },
      },
    },
    (request) => restoreImage(deps.gallery, toCaller(request), keyOf(request.params)),
  );
};

function keyOf({ id, index }: z.infer<typeof params>) {
  return { jobId: id, index };
}
