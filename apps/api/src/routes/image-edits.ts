/**
 * OpenAI's image edits, for OpenAI's and Azure's clients: a form that contains the pictures, or
 * JSON that names them.
 */
import multipart from '@fastify/multipart';
import { editRequestSchema } from '@kiln/shared/schemas/image-request';
import { maxImages } from '@kiln/shared/schemas/source';
import {
  resolveModel,
  resolveDeploymentModel,
} from '@kiln/shared/services/image-requests/served-model';
import { parseEdit, readImageRequest } from '@kiln/shared/services/image-requests/read-request';
import {
  largestPicture,
  submitEditForm,
} from '@kiln/shared/services/image-requests/submit-edit-form';
import { submitJob } from '@kiln/shared/services/jobs/jobs';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answerImages, type SubmitImages, type ImageDeps } from '../answers/answer-images.ts';
import { submissionLimitBytes } from '../limits/body-limits.ts';
import { deploymentParams, imageRouteSchema, type ResolveModel } from './image-route-schema.ts';
import {
  validateExceptBodies,
  formLimits,
  parserOptions,
  readForm,
} from '../requests/multipart-form.ts';
import type { Uploads } from '../requests/uploads.ts';

const shared = {
  ...imageRouteSchema,
  consumes: ['multipart/form-data', 'application/json'],
  body: editRequestSchema,
};
const limits = formLimits({
  fileBytes: largestPicture,
  files: maxImages + 3, // one picture more than allowed, so that our own check names the excess
  fields: 40,
  fieldBytes: 262_144, // a prompt of 32,000 characters with four bytes each, and a margin
});

export const imageEditRoutes: FastifyPluginAsyncZod<{
  imageDeps: ImageDeps;
  uploads: Uploads;
}> = async (app, { imageDeps, uploads }) => {
  const { jobs } = imageDeps.deps;
  const { deployments } = jobs.config;
  await app.register(multipart, parserOptions(limits));
  app.setValidatorCompiler(validateExceptBodies);

  app.post(
    '/v1/images/edits',
    {
      bodyLimit: submissionLimitBytes,
      schema: { ...shared, summary: 'Edit pictures and wait for the result' },
    },
    async (request, reply) =>
      answerImages(
        request,
        reply,
        imageDeps,
        edit(request, (asked) => resolveModel(deployments, asked)),
      ),
  );

  app.post(
    '/openai/deployments/:deployment/images/edits',
    {
      bodyLimit: submissionLimitBytes,
      schema: { ...shared, summary: 'The same for a deployment', params: deploymentParams },
    },
    async (request, reply) => {
      const { deployment } = request.params;
      const resolve: ResolveModel = (asked) =>
        resolveDeploymentModel(deployments, deployment, asked);
      return answerImages(request, reply, imageDeps, edit(request, resolve));
    },
  );

  function edit(request: FastifyRequest, resolve: ResolveModel): SubmitImages {
    return async (caller, key) => {
      if (request.isMultipart())
        return submitEditForm(jobs, caller, readForm(request, uploads, limits), key, resolve);
      const { request: asked, form } = readImageRequest(parseEdit(request.body));
      const job = { ...asked, model: resolve(asked.model) };
      return { submission: await submitJob(jobs, caller, job, key), form };
    };
  }
};
