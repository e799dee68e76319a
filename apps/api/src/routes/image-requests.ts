/**
 * OpenAI's image generations, for OpenAI's and Azure's clients: the request waits in the queue like
 * any job, and the response contains its pictures.
 */
import {
  generationRequestSchema,
  type GenerationRequest,
} from '@kiln/shared/schemas/image-request';
import { readImageRequest } from '@kiln/shared/services/image-requests/read-request';
import {
  resolveModel,
  resolveDeploymentModel,
} from '@kiln/shared/services/image-requests/served-model';
import { submitJob } from '@kiln/shared/services/jobs/jobs';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answerImages, type SubmitImages, type ImageDeps } from '../answers/answer-images.ts';
import { deploymentParams, imageRouteSchema, type ResolveModel } from './image-route-schema.ts';

const shared = { ...imageRouteSchema, body: generationRequestSchema };

export const imageRequestRoutes: FastifyPluginAsyncZod<{ imageDeps: ImageDeps }> = async (
  app,
  { imageDeps },
) => {
  const { jobs } = imageDeps.deps;
  const { deployments } = jobs.config;

  app.post(
    '/v1/images/generations',
    {
      schema: { ...shared, summary: 'Make pictures and wait for them' },
    },
    async (request, reply) =>
      answerImages(
        request,
        reply,
        imageDeps,
        generation(request, (asked) => resolveModel(deployments, asked)),
      ),
  );

  app.post(
    '/openai/deployments/:deployment/images/generations',
    {
      schema: { ...shared, summary: 'The same for a deployment', params: deploymentParams },
    },
    async (request, reply) => {
      const { deployment } = request.params;
      return answerImages(
        request,
        reply,
        imageDeps,
        generation(request, (asked) => resolveDeploymentModel(deployments, deployment, asked)),
      );
    },
  );

  function generation(asked: { body: GenerationRequest }, resolve: ResolveModel): SubmitImages {
    return async (caller, key) => {
      const { request, form } = readImageRequest(asked.body);
      const job = { ...request, model: resolve(request.model) };
      return { submission: await submitJob(jobs, caller, job, key), form };
    };
  }
};
