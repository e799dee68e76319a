/**
 * Reads a successful answer, as a whole or as an event stream: an endpoint that does not support
 * `stream` answers as if it were not set.
 */
import { classifyEvent } from '../faults/classify-event.ts';
import { classifyFault, type Fault } from '../faults/classify-fault.ts';
import { extractBase64Images, type ExtractedAnswer } from './extract-base64-images.ts';
import { readChunks, readText } from './read-body.ts';
import { readEvents } from './read-events.ts';
import { readImages, type ReadImages } from './read-images.ts';
import { readStream, type OnPartial } from './read-stream.ts';
import type { CallOutcome } from '../call-outcome.ts';

/**
 * Rejects when the connection ends before the body does. Calls `onBytes` for every piece of the
 * body.
 */
export async function readAnswer(
  response: Response,
  onPartial: OnPartial,
  onBytes: () => void,
): Promise<CallOutcome> {
  const isStream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
  const length = Number(response.headers.get('content-length'));
  const { rest, take } = extractBase64Images(
    readChunks(response, onBytes),
    length > 0 ? length : null,
  );
  const read = isStream
    ? await readStreamed({ rest, take }, onPartial)
    : await readImages(await readText(rest), take);
  const facts = {
    httpStatus: response.status,
    providerRequestId: requestIdOf(response.headers),
    usage: 'usage' in read ? read.usage : null,
    svgUsage: 'svgUsage' in read ? read.svgUsage : null,
  };
  switch (read.status) {
    case 'images':
      return { ...facts, status: 'images', images: read.images, chosen: read.chosen };
    case 'unusable': {
      const fault: Fault = {
        class: 'unusable',
        code: 'unusable_answer',
        message: read.reason,
        shape: read.reason,
        mayRepeat: true,
      };
      return { ...facts, status: 'fault', fault };
    }
    case 'fault':
      return { ...facts, status: 'fault', fault: read.fault };
  }
}

export function requestIdOf(headers: Headers | undefined): string | null {
  return headers?.get('x-request-id') ?? headers?.get('apim-request-id') ?? null;
}

async function readStreamed(
  { rest, take }: ExtractedAnswer,
  onPartial: OnPartial,
): Promise<ReadImages | { status: 'fault'; fault: Fault }> {
  const end = await readStream(readEvents(rest), onPartial, take);
  switch (end.status) {
    case 'completed':
      return end.read;
    case 'error':
      return { status: 'fault', fault: classifyEvent(end.body, end.isUnderway, Date.now()) };
    case 'cut': {
      const message = 'the stream ended before its image arrived';
      const answer = {
        kind: 'network',
        phase: 'after_request_written',
        code: 'stream_cut',
        message,
      } as const;
      return { status: 'fault', fault: classifyFault(answer, Date.now()) };
    }
  }
}
