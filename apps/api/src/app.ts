/** Builds the HTTP server without listening: plugins first, then the routes, in reading order. */
import { buildId } from '@kiln/shared/ids';
import type { Logger } from '@kiln/shared/logger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { bodyLimitBytes } from './limits/body-limits.ts';
import type { ApiDeps } from './deps.ts';
import { pathOf, toKilnAddress } from './requests/azure-paths.ts';
import { withoutPrefix } from './requests/public-prefix.ts';
import { addRequestAddress, toTrustFunction } from './requests/request-address.ts';
import { addLargeBodyLimiter } from './limits/large-body-limiter.ts';
import { addAuthentication } from './plugins/authenticate.ts';
import { addCors } from './plugins/cors.ts';
import { addDownloadLimits } from './plugins/downloads.ts';
import { addErrorAnswers, answerParserError, answerRouterError } from './plugins/error-answers.ts';
import { addCrossSiteRefusal } from './plugins/refuse-cross-site.ts';
import { addCompressedBodies } from './plugins/compressed-body.ts';
import { addJsonBody } from './plugins/json-body.ts';
import { addNodeRefusals } from './plugins/node-refusals.ts';
import { addOpenapi } from './plugins/openapi.ts';
import { addStopping } from './plugins/stopping.ts';
import { validatorCompiler } from './plugins/validation.ts';
import { addStudio } from './studio/serve-studio.ts';
import { createStreamLimiter } from './limits/stream-limiter.ts';
import { createUploads } from './requests/uploads.ts';
import { createWaitLimiter } from './limits/wait-limiter.ts';
import { batchChangeRoutes } from './routes/batch-changes.ts';
import { batchFileRoutes } from './routes/batch-files.ts';
import { batchRowRoutes } from './routes/batch-rows.ts';
import { batchRoutes } from './routes/batches.ts';
import { finalsRoutes } from './routes/gallery/finals.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { eventRoutes } from './routes/events.ts';
import { fileRoutes } from './routes/files.ts';
import { albumRoutes } from './routes/gallery/albums.ts';
import { bulkActionRoutes } from './routes/gallery/bulk-actions.ts';
import { galleryImageRoutes } from './routes/gallery/images.ts';
import { imageFileRoutes } from './routes/gallery/image-files.ts';
import { selectionRoutes } from './routes/gallery/selections.ts';
import { healthRoutes } from './routes/health.ts';
import { imageEditRoutes } from './routes/image-edits.ts';
import { imageRequestRoutes } from './routes/image-requests.ts';
import { imageRoutes } from './routes/images.ts';
import { jobRoutes } from './routes/jobs.ts';
import { jobValidationRoutes } from './routes/job-validation.ts';
import { queueRoutes } from './routes/queue.ts';
import { poolRoutes } from './routes/pools.ts';
import { sessionRoutes } from './routes/session.ts';
import { streamTokenRoutes } from './routes/stream-tokens.ts';
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts';

/**
 * Time limit of a request from its first to its last byte; uploads have their own (`uploads.ts`).
 */
const requestTimeoutMs = 30_000;

export async function buildApp(deps: ApiDeps, log: Logger): Promise<FastifyInstance> {
  // A query may hold a prompt, in a search, or a key.
  const loggerInstance: FastifyBaseLogger = log.child(
    {},
    { serializers: { req: describeRequest } },
  );
  const { config } = deps.jobs;
  const uploads = createUploads();
  const app = fastify({
    loggerInstance,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    http: {
      requireHostHeader: false, // plugins/node-refusals.ts answers, with a body
      connectionsCheckingInterval: 5_000, // how often Node looks for requests that are late
    },
    return503OnClosing: false, // its body would not have our shape; plugins/stopping.ts answers
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    trustProxy: toTrustFunction(config.trustedProxies),
    rewriteUrl: ({ url = '/' }) => toKilnAddress(withoutPrefix(url, config.publicUrl)),
    requestIdHeader: false,
    genReqId: (request) => acceptedRequestId(request.headers['x-request-id']) ?? buildId('req'),
    clientErrorHandler: (error, socket) => {
      if (!uploads.isUploadTimeout(error, socket)) answerParserError(error, socket);
    },
    frameworkErrors: answerRouterError,
  }).withTypeProvider<ZodTypeProvider>();

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  const studio = addStudio(app, deps.studioFolder, deps.links);
  addErrorAnswers(app, studio);
  addNodeRefusals(app);
  addRequestAddress(app, config);
  addCors(app, config.corsOrigins);
  addCrossSiteRefusal(app, config);
  addStopping(app, deps.stopping);
  const authentication = addAuthentication(app, deps.sessions);
  addCompressedBodies(app);
  addJsonBody(app);
  addDownloadLimits(app, config);
  const bodies = addLargeBodyLimiter(app);
  // Use one limiter for each kind, so that neither can take the slots of the other.
  const { syncMaxWaiting } = config;
  const imageDeps = { deps, bodies, waits: createWaitLimiter(syncMaxWaiting) };
  await addOpenapi(app);

  await app.register(jobRoutes, { deps, bodies, waits: createWaitLimiter(syncMaxWaiting) });
  await app.register(jobValidationRoutes, { deps, bodies });
  await app.register(imageRoutes, { deps });
  await app.register(imageRequestRoutes, { imageDeps });
  await app.register(imageEditRoutes, { imageDeps, uploads });
  await app.register(fileRoutes, { deps, uploads });
  await app.register(batchRoutes, { deps, uploads });
  await app.register(batchChangeRoutes, { deps });
  await app.register(batchFileRoutes, { deps });
  await app.register(batchRowRoutes, { deps });
  await app.register(bulkActionRoutes, { deps });
  await app.register(finalsRoutes, { deps });
  await app.register(galleryImageRoutes, { deps });
  await app.register(albumRoutes, { deps });
  await app.register(selectionRoutes, { deps });
  await app.register(imageFileRoutes, { deps });
  await app.register(webhookEndpointRoutes, { deps });
  await app.register(deliveryRoutes, { deps });
  const streams = createStreamLimiter(config);
  await app.register(eventRoutes, { deps, streams, authentication });
  await app.register(streamTokenRoutes, { authentication });
  await app.register(sessionRoutes, { sessions: deps.sessions, authentication });
  await app.register(poolRoutes, { deps });
  await app.register(queueRoutes, { deps });
  await app.register(healthRoutes, { deps });
  return app;
}

/** What a log line says of a request: its path without its query, and who sent it. */
function describeRequest({ method, url, ip, socket }: FastifyRequest): object {
  return { method, url: pathOf(url), remoteAddress: ip, remotePort: socket?.remotePort };
}

/** Accepts a caller's request id only when it is harmless in logs and headers. */
function acceptedRequestId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^[\w.:-]{1,100}$/.test(header) ? header : null;
}
