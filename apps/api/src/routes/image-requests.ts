/** OpenAI's images API, for its clients and Azure's: the request waits in the queue like any job, and is answered with its pictures. */
import { creationHeadersSchema, errorBodySchema } from '@kiln/shared/schemas/api';
import {
  generationRequestSchema,
  imagesAnswerSchema,
  type GenerationRequest,
} from '@kiln/shared/schemas/image-request';
import { jobSchema } from '@kiln/shared/schemas/job';
import { textSchema } from '@kiln/shared/schemas/text';
import { readImageRequest } from '@kiln/shared/services/image-requests/read-request';
import { modelMeant, modelOfDeployment } from '@kiln/shared/services/image-requests/served-model';
import { submitJob } from '@kiln/shared/services/jobs';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answerImages, type SubmitImages, type Waiting } from '../answer-images.ts';

const deploymentParams = z.object({ deployment: textSchema(1, 128) });
const headers = creationHeadersSchema.extend({ prefer: z.string().optional() });
const response = { 200: imagesAnswerSchema, 202: jobSchema, '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['images'];

export const imageRequestRoutes: FastifyPluginAsyncZod<{ waiting: Waiting }> = async (app, { waiting }) => {
  const { jobs } = waiting.deps;
  const { deployments } = jobs.config;

  app.post(
    '/v1/images/generations',
    {
      schema: {
        tags,
        summary: 'Make pictures, and wait for them',
        headers,
        body: generationRequestSchema,
        response,
      },
    },
    async (request, reply) =>
      answerImages(
        request,
        reply,
        waiting,
        generation(request, (asked) => modelMeant(deployments, asked)),
      ),
  );

  app.post(
    '/openai/deployments/:deployment/images/generations',
    {
      schema: {
        tags,
        summary: 'The same, of a deployment',
        headers,
        params: deploymentParams,
        body: generationRequestSchema,
        response,
      },
    },
    async (request, reply) => {
      const { deployment } = request.params;
      return answerImages(
        request,
        reply,
        waiting,
        generation(request, (asked) => modelOfDeployment(deployments, deployment, asked)),
      );
    },
  );

  function generation(
    asked: { body: GenerationRequest },
    meant: (asked: string | undefined) => string | undefined,
  ): SubmitImages {
    return async (caller, key) => {
      const { request, form } = readImageRequest(asked.body);
      const job = { ...request, model: meant(request.model) };
      return { submission: await submitJob(jobs, caller, job, key), form };
    };
  }
};
