/**
 * Parses JSON bodies strictly: refuses invalid UTF-8 and JSON that exceeds a limit
 * (`bounded-json.ts`), and reports where invalid JSON breaks off.
 */
import { setImmediate as nextRound } from 'node:timers/promises';
import { KilnError } from '@kiln/shared/errors';
import { findJsonExcess } from '@kiln/shared/bounded-json';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const decoder = new TextDecoder('utf-8', { fatal: true });

export function addJsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer): Promise<unknown> => {
      if (body.length > smallBytes) await takeTurn();
      return parseJson(body);
    },
  );
}

/**
 * A larger body may have more than a thousand members, and each costs time to validate and to
 * write.
 */
const smallBytes = 8_192;

let lastTurn = Promise.resolve();

/**
 * Large bodies take turns, one in each round of the event loop, so that the other requests are
 * served in between, and that a process that is behind notices which callers have gone: Fastify
 * neither validates nor handles their requests.
 */
function takeTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => nextRound());
  return lastTurn;
}

/**
 * Returns undefined for an empty body. Throws `invalid_json`, `invalid_request`, `body_too_large`.
 */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const excess = findJsonExcess(body);
  if (excess !== null)
    throw new KilnError(
      excess.limit === 'bytes' ? 'body_too_large' : 'invalid_request',
      `the body ${excess.message}`,
    );
  let text: string;
  try {
    text = decoder.decode(body);
  } catch (cause) {
    throw new KilnError('invalid_json', 'the body is not UTF-8', { cause });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new KilnError(
      'invalid_json',
      `the body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
