/** Sends a text that is made while it is sent, as a file. */
import type { FastifyReply } from 'fastify';
import { attachment } from './content-disposition.ts';
import { sendPieces } from './send-pieces.ts';

export const csv = 'text/csv; charset=utf-8';

export function sendText(
  reply: FastifyReply,
  type: string,
  filename: string,
  lines: AsyncIterable<string>,
  release: () => void,
): FastifyReply {
  void reply
    .type(type)
    .header('content-disposition', attachment(filename))
    .header('x-content-type-options', 'nosniff');
  return sendPieces(reply, joinLines(lines), release);
}

const pieceCharacters = 32_768;

/** Joins lines into larger pieces, because a write costs more than a line. */
async function* joinLines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += line;
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
