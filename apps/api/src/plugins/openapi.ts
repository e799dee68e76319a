/**
 * Serves `/openapi.json`, generated from the routes' zod schemas, and `/docs`, a page to browse it.
 */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** Call this before adding routes: only routes registered later are described. */
export async function addOpenapi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Kiln',
        version: '0.1.0',
        description:
          "The batch API that Azure OpenAI's image models do not have: submit prompts, Kiln " +
          'spends exactly your quota, collect the pictures.',
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'kiln_session',
            description: 'The cookie of `POST /v1/session`.',
          },
        },
      },
      security: [{ apiKey: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => describeObjects(jsonSchemaTransformObject(document)),
  });
  await app.register(swaggerUi, {
    // A page of another site must not show this one in a frame and lead its visitor's clicks.
    staticCSP: "frame-ancestors 'none'",
    routePrefix: '/docs',
    indexPrefix: '.', // relative, so that the page works below the prefix of a proxy
    transformSpecification: (document, request) => withServer(document, request),
    transformSpecificationClone: false,
  });
  app.get('/openapi.json', { schema: { hide: true } }, (request) =>
    withServer(app.swagger(), request),
  );
}

/** Objects in a query have members such as `metadata[order]=17` (`requests/nested-query.ts`). */
function describeObjects(document: ReturnType<typeof jsonSchemaTransformObject>) {
  const operations = Object.values(document.paths ?? {}).flatMap((path) =>
    Object.values((path ?? {}) as Record<string, { parameters?: QueryParameter[] }>),
  );
  for (const parameter of operations.flatMap(({ parameters = [] }) => parameters))
    if (parameter.in === 'query' && parameter.schema?.type === 'object')
      Object.assign(parameter, { style: 'deepObject', explode: true });
  return document;
}

interface QueryParameter {
  in?: string;
  schema?: { type?: string };
}

/** Names the address of the API; where it is not certain, the origin of the document. */
function withServer<Document extends object>(document: Document, { address }: FastifyRequest) {
  return { ...document, servers: [{ url: address.isCertain ? address.baseUrl : '/' }] };
}
