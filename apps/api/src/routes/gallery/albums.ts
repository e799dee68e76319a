/** `/v1/albums`: images under a name. */
import { errorBodySchema, pageQuerySchema } from '@kiln/shared/schemas/api';
import {
  albumChangeSchema,
  albumImagesSchema,
  albumListSchema,
  albumSchema,
  deletedAlbumSchema,
  newAlbumSchema,
} from '@kiln/shared/schemas/gallery/album';
import { textSchema } from '@kiln/shared/schemas/text';
import * as albums from '@kiln/shared/services/gallery/albums';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toList } from '../../answers/list.ts';
import type { ApiDeps } from '../../deps.ts';
import { toCaller } from '../../requests/caller.ts';

const params = z.object({ id: textSchema(1, 100) });
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['gallery'];

export const albumRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.get(
    '/v1/albums',
    {
      schema: {
        tags,
        summary: 'List albums',
        querystring: pageQuerySchema,
        response: { 200: albumListSchema, ...failures },
      },
    },
    async (request) => {
      const page = await albums.listAlbumPage(deps.gallery, toCaller(request), request.query);
      return toList(page.albums, page.hasMore);
    },
  );

  app.post(
    '/v1/albums',
    {
      schema: {
        tags,
        summary: 'Create an album',
        body: newAlbumSchema,
        response: { 201: albumSchema, ...failures },
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .send(await albums.createAlbum(deps.gallery, toCaller(request), request.body.name)),
  );

  app.get(
    '/v1/albums/:id',
    {
      schema: {
        tags,
        summary: 'Read an album',
        params,
        response: { 200: albumSchema, ...failures },
      },
    },
    (request) => albums.readAlbum(deps.gallery, toCaller(request), request.params.id),
  );

  app.patch(
    '/v1/albums/:id',
    {
      schema: {
        tags,
        summary: 'Change the name or the cover of an album',
        params,
        body: albumChangeSchema,
        response: { 200: albumSchema, ...failures },
      },
    },
    (request) =>
      albums.changeAlbum(deps.gallery, toCaller(request), request.params.id, request.body),
  );

  app.delete(
    '/v1/albums/:id',
    {
      schema: {
        tags,
        summary: 'Delete an album; its images stay',
        params,
        response: { 200: deletedAlbumSchema, ...failures },
      },
    },
    async (request) => {
      const { id } = request.params;
      await albums.removeAlbum(deps.gallery, toCaller(request), id);
      return { id, object: 'album' as const, deleted: true as const };
    },
  );

  app.post(
    '/v1/albums/:id/images',
    {
      schema: {
        tags,
        summary: 'Add images to an album',
        params,
        body: albumImagesSchema,
        response: { 200: albumSchema, ...failures },
      },
    },
    (request) =>
      albums.addImages(deps.gallery, toCaller(request), request.params.id, request.body.images),
  );

  app.delete(
    '/v1/albums/:id/images',
    {
      schema: {
        tags,
        summary: 'Remove images from an album',
        params,
        body: albumImagesSchema,
        response: { 200: albumSchema, ...failures },
      },
    },
    (request) =>
      albums.removeImages(deps.gallery, toCaller(request), request.params.id, request.body.images),
  );
};
