/**
 * The provider's own routes. Edits will stand beside the generations: a route here, their parameters in
 * `parameters/`, their way in `calls/`.
 */
import type { FastifyInstance } from 'fastify';
import type { Face } from '../calls/call.ts';
import { answerGeneration, breakEarly } from '../calls/generation.ts';
import { refuseAzurePath } from '../faces/azure.ts';
import { refuseOpenAiPath } from '../faces/openai.ts';
import type { Simulator } from '../simulator.ts';

const generations: readonly { url: string; face: Face }[] = [
  { url: '/openai/deployments/:deployment/images/generations', face: 'azure-deployment' },
  { url: '/openai/v1/images/generations', face: 'azure-v1' },
  { url: '/v1/images/generations', face: 'openai' },
];

export async function registerProviderRoutes(app: FastifyInstance, simulator: Simulator): Promise<void> {
  // A body that cannot be read is a call all the same, with its place in the ledger: the way decides, not the parser.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: unknown, body: string | Buffer) =>
    parseJson(String(body)),
  );

  for (const { url, face } of generations) {
    app.post(url, {
      onRequest: (request, reply) => breakEarly(request, reply, face, simulator),
      handler: (request, reply) => answerGeneration(request, reply, face, simulator),
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const isAzure = request.url.startsWith('/openai/');
    const { status, body } = isAzure ? refuseAzurePath() : refuseOpenAiPath(request.method, request.url);
    return reply.code(status).send(body);
  });
}

/** Undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
