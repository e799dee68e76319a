/** `/v1/files`: OpenAI's files; uploads are streamed to the store. */
import multipart from '@fastify/multipart';
import { creationHeadersSchema, errorBodySchema, listSchema } from '@kiln/shared/schemas/api';
import {
  deletedFileSchema,
  fileFormSchema,
  fileQuerySchema,
  fileSchema,
} from '@kiln/shared/schemas/file';
import { textSchema } from '@kiln/shared/schemas/text';
import * as files from '@kiln/shared/services/files/files';
import { maxUploadBytes, uploadFile } from '@kiln/shared/services/files/upload-file';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toCaller } from '../requests/caller.ts';
import { attachment } from '../answers/content-disposition.ts';
import { stored } from '../answers/described-bytes.ts';
import type { ApiDeps } from '../deps.ts';
import { toList } from '../answers/list.ts';
import {
  validateExceptBodies,
  formLimits,
  parserOptions,
  readForm,
} from '../requests/multipart-form.ts';
import { sendStored } from '../answers/send-stored.ts';
import type { Uploads } from '../requests/uploads.ts';

const fileParams = z.object({ id: textSchema(1, 100) });
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['files'];
const limits = formLimits({ fileBytes: maxUploadBytes });

export const fileRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps; uploads: Uploads }> = async (
  app,
  { deps, uploads },
) => {
  // Register the form parser for these routes only; the other routes accept JSON.
  await app.register(multipart, parserOptions(limits));
  app.setValidatorCompiler(validateExceptBodies);

  app.post(
    '/v1/files',
    {
      schema: {
        tags,
        summary: 'Upload a file',
        consumes: ['multipart/form-data'],
        headers: creationHeadersSchema,
        body: fileFormSchema,
        response: { 200: fileSchema, ...failures },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const parts = readForm(request, uploads, limits);
      const { status, file } = await uploadFile(deps.files, toCaller(request), parts, key);
      if (status === 'replayed') void reply.header('idempotent-replayed', 'true');
      return file;
    },
  );

  app.get(
    '/v1/files',
    {
      schema: {
        tags,
        summary: 'List files',
        querystring: fileQuerySchema,
        response: { 200: listSchema(fileSchema), ...failures },
      },
    },
    async (request) => {
      const { projectId } = toCaller(request);
      const { files: page, hasMore } = await files.listFilePage(
        deps.files,
        projectId,
        request.query,
      );
      return toList(page, hasMore);
    },
  );

  app.get(
    '/v1/files/:id',
    {
      schema: {
        tags,
        summary: 'Read a file',
        params: fileParams,
        response: { 200: fileSchema, ...failures },
      },
    },
    (request) => files.readFile(deps.files, toCaller(request).projectId, request.params.id),
  );

  app.get(
    '/v1/files/:id/content',
    {
      schema: {
        tags,
        summary: 'Download a file',
        params: fileParams,
        response: stored('The bytes of the file.', '*/*'),
      },
    },
    async (request, reply) => {
      const { projectId } = toCaller(request);
      const content = await files.readFileContent(deps.files, projectId, request.params.id);
      return sendStored(request, reply, {
        ...content,
        link: () => deps.links({ ...content, contentDisposition: attachment(content.filename) }),
        what: 'the file',
        describe: () => describeContent(reply, content),
      });
    },
  );

  app.delete(
    '/v1/files/:id',
    {
      schema: {
        tags,
        summary: 'Delete a file',
        params: fileParams,
        response: { 200: deletedFileSchema, ...failures },
      },
    },
    async (request) => {
      const { id } = request.params;
      await files.removeFile(deps.files, toCaller(request).projectId, id);
      return { id, object: 'file' as const, deleted: true as const };
    },
  );
};

function describeContent(
  reply: FastifyReply,
  { contentType, filename }: files.FileContent,
): FastifyReply {
  return (
    reply
      // Caches must revalidate, because the file may be deleted; the ETag spares sending it again.
      .header('cache-control', 'private, no-cache')
      .header('content-disposition', attachment(filename))
      // The content is untrusted: browsers must save it, and neither sniff its type nor run it.
      .header('content-security-policy', "default-src 'none'; sandbox")
      .header('x-content-type-options', 'nosniff')
      .type(contentType)
  );
}
