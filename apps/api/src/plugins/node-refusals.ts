/**
 * Gives our error body to the refusals that Node's HTTP server would otherwise send with an empty
 * one: a request of HTTP/1.1 without a `Host`, and an `Expect` that is not `100-continue`. Refuses
 * two of `Host` as well (RFC 9112, 3.2): a proxy may have read the one, and Node reads the other.
 */
import { KilnError } from '@kiln/shared/errors';
import { buildId } from '@kiln/shared/ids';
import { cutText } from '@kiln/shared/schemas/text';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeRefusal } from './error-answers.ts';

export function addNodeRefusals(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    if (countHosts(raw) > 1)
      throw new KilnError('invalid_request', 'Host: received it twice; send it once', {
        param: 'Host',
      });
    if (raw.httpVersion !== '1.1' || raw.headers.host !== undefined) return;
    throw new KilnError(
      'invalid_request',
      'Host: the header is missing, which every request of HTTP/1.1 needs',
      { param: 'Host' },
    );
  });
  // No request of ours exists at this point.
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const received = cutText(request.headers.expect ?? '', 100);
    writeRefusal(
      response,
      new KilnError(
        'expectation_failed',
        `Expect: received "${received}"; it takes 100-continue, or leave the header out`,
        { param: 'Expect' },
      ),
      buildId('req'),
    );
  });
}

function countHosts({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name)).length;
}
