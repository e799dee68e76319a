/**
 * Serves the studio, the page that apps/web builds, at `/`. The files of the build have a hash in
 * their name and are kept by browsers for good; the page itself is never kept. An address that is
 * not the API's, asked for by a browser that wants HTML, is answered with the page, which knows its
 * own addresses; every other request keeps its JSON answer. `KILN_STUDIO=off` removes all of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import serveFiles from '@fastify/static';
import type { DownloadLinks } from '@kiln/shared/services/files/download-links';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ownSegments } from '../requests/public-prefix.ts';
import { pagePolicy } from './page-policy.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request asks for the page or one of its files: no key is needed. */
    readonly isForStudio: boolean;
  }
  interface FastifyContextConfig {
    isStudioFile?: boolean;
  }
}

/** Where `npm start` and the image put the build of apps/web. */
export const studioFolder = join(import.meta.dirname, '../../../web/dist');

export interface Studio {
  sendPage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}

/**
 * Decorates requests with `isForStudio`, and returns what answers them; null: there is no studio.
 * @param folder the build; null: the studio is off
 */
export function addStudio(
  app: FastifyInstance,
  folder: string | null,
  links: DownloadLinks,
): Studio | null {
  const page = folder === null ? null : readPage(folder);
  if (folder !== null && page === null)
    app.log.info({ folder }, 'the studio is not built: run npm run studio, or npm start');
  app.decorateRequest('isForStudio', {
    getter() {
      return page !== null && isForStudio(this);
    },
  });
  if (folder === null || page === null) return null;

  void app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, isStudioFile: true };
    });
    await scope.register(serveFiles, {
      root: folder,
      wildcard: false, // only the files of the build are routes, so no path leads out of its folder
      index: false,
      globIgnore: ['index.html', '**/*.br'],
      preCompressed: true,
      decorateReply: false,
      cacheControl: false,
      logLevel: 'warn',
      setHeaders: (reply, path) => {
        void reply.header('cache-control', path.includes('/assets/') ? kept : checked);
        void reply.header('x-content-type-options', 'nosniff');
        void reply.header('cross-origin-resource-policy', 'same-origin');
      },
    });
  });

  const findStore = createStoreFinder(links);
  return {
    async sendPage(request, reply) {
      return reply
        .code(200)
        .headers(pagePolicy(await findStore()))
        .header('cache-control', 'no-store')
        .header('vary', 'accept')
        .type('text/html; charset=utf-8')
        .send(page.replace('<head>', `<head><base href="${basePathOf(request)}" />`));
    },
  };
}

const kept = 'public, max-age=31536000, immutable';
const checked = 'no-cache';

function readPage(folder: string): string | null {
  const file = join(folder, 'index.html');
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function isForStudio(request: FastifyRequest): boolean {
  if (request.routeOptions.config.isStudioFile === true) return true;
  const { accept = '' } = request.headers;
  return (
    request.is404 &&
    (request.method === 'GET' || request.method === 'HEAD') &&
    accept.includes('text/html') &&
    !ownSegments.test(request.url.split('?')[0] ?? '')
  );
}

/** The path of the address at which the visitor sees Kiln, with a final slash. */
function basePathOf({ address }: FastifyRequest): string {
  const { pathname } = new URL(address.baseUrl);
  return `${pathname.replace(/\/$/, '')}/`.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

/**
 * Finds the origin of signed URLs by signing one, because only the store's SDK knows it. Asks again
 * after a failure.
 */
function createStoreFinder(links: DownloadLinks): () => Promise<string | null> {
  let found: string | null = null;
  return async () => {
    found ??= await links({
      objectKey: 'studio',
      contentType: 'image/png',
      contentDisposition: 'inline',
    }).then((url) => (url === null ? null : new URL(url).origin));
    return found;
  };
}
