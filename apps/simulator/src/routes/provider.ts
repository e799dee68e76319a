/** The provider's own routes: generations as JSON, edits as forms. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Face } from '../calls/call.ts';
import { answerCall, breakEarly } from '../calls/answer-call.ts';
import { refuseAzurePath } from '../faces/azure.ts';
import { refuseOpenAiPath } from '../faces/openai.ts';
import { picturesPath } from '../pictures/served-pictures.ts';
import type { Simulator } from '../simulator.ts';

const prefixes: readonly { url: string; face: Face }[] = [
  { url: '/openai/deployments/:deployment/images', face: 'azure-deployment' },
  { url: '/openai/v1/images', face: 'azure-v1' },
  { url: '/v1/images', face: 'openai' },
];

/**
 * Body limit in bytes: sixteen pictures of moderate size. Each body is in memory during its call.
 */
const editLimit = 512 * 1024 * 1024;

export async function registerProviderRoutes(
  app: FastifyInstance,
  simulator: Simulator,
): Promise<void> {
  // A body that cannot be parsed is still a call with a ledger entry: the decision refuses it, not
  // the parser.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'string' },
    async (_request: unknown, body: string | Buffer) => parseJson(String(body)),
  );

  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => body,
  );

  for (const { url, face } of prefixes) {
    const route = {
      onRequest: (request: FastifyRequest, reply: FastifyReply) =>
        breakEarly(request, reply, face, simulator),
      handler: (request: FastifyRequest, reply: FastifyReply) =>
        answerCall(request, reply, face, simulator),
    };
    app.post(`${url}/generations`, route);
    app.post(`${url}/edits`, { ...route, bodyLimit: editLimit });
  }
  app.get(`${picturesPath}/:name`, (request, reply) => {
    const picture = simulator.served.find((request.params as { name: string }).name);
    if (picture === null) return reply.code(404).send('there is no such picture');
    return reply.header('content-type', 'application/octet-stream').send(picture);
  });
  app.setNotFoundHandler((request, reply) => {
    const isAzure = request.url.startsWith('/openai/');
    const { status, body } = isAzure
      ? refuseAzurePath()
      : refuseOpenAiPath(request.method, request.url);
    return reply.code(status).send(body);
  });
}

/** Returns undefined for a body that is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
