/**
 * Reads the answer to a call, whatever its form.
 *
 * Problem: a picture that was paid for must be kept, and headers, statuses and ends of answers are
 * not always true.
 * Approach: the body decides. It is decompressed if it is compressed, read as an event stream if it
 * begins as one, and as JSON otherwise; what came whole counts, however the body ends. Only an
 * answer without any image is judged by its status and by the error that it reports.
 * Guarantee: images are decoded while they arrive, so an answer is never held as text.
 * It does not decide whether the call is repeated; `services/running` does.
 */
import type { CallOutcome } from '../call-outcome.ts';
import { classifyAnsweredError, classifyEvent } from '../faults/classify-event.ts';
import { classifyFault, type Fault } from '../faults/classify-fault.ts';
import { cutMessage } from '../faults/error-body.ts';
import type { JobWarning } from '../../schemas/job.ts';
import { decodeBody } from './decode-body.ts';
import { extractBase64Images } from './extract-base64-images.ts';
import type { FetchPicture } from './fetch-picture.ts';
import { openBody, untilError, type AnswerBody } from './open-body.ts';
import { openText } from './open-text.ts';
import { isJson, parseJson } from './parse-json.ts';
import { readEvents } from './read-events.ts';
import { readImages, type PictureSource, type ReadImages } from './read-images.ts';
import { readStream, type OnPartial, type StreamEnd } from './read-stream.ts';

export interface AnswerContext {
  /** The header `content-encoding`, which `response` does not show. */
  contentEncoding: string | null;
  /** The error that cut the body; null while there is none. */
  cutBy(): Error | null;
  /** How many images were asked for. */
  wanted: number;
  onPartial: OnPartial;
  /** Runs for every piece of the body. */
  onBytes(): void;
  fetchPicture: FetchPicture;
}

/** `body`: what the provider says, for an answer without images that is judged by its status. */
type Read = { body: unknown } & (
  | ReadImages
  | { status: 'failed_event'; isUnderway: boolean }
  | { status: 'cut' }
);

/** The longest text of an answer besides its images; a real one has about a kilobyte. */
const maxTextBytes = 16 * 1024 * 1024;
/** Up to this length it is worth looking whether the text is complete already. */
const maxCheckedBytes = 256 * 1024;
/** How long a body may continue after its JSON is complete. */
const lingerMs = 1_000;
/** How much of a text that is no JSON is looked at for the words of an error. */
const maxShownCharacters = 65_536;
/** How long the body of an error may take; its status has come. */
const maxErrorBodyMs = 10_000;
const maxRequestIdCharacters = 200;
const closingBrace = '}'.charCodeAt(0);
const maxReasons = 10;

/** Rejects with the error that cut the connection when nothing usable came before. */
export async function readAnswer(response: Response, context: AnswerContext): Promise<CallOutcome> {
  const body = openBody(response.body, context.onBytes, context.cutBy);
  const limit = response.ok ? null : setTimeout(body.stop, maxErrorBodyMs);
  const read = await readBody(body, response.headers, context);
  if (limit !== null) clearTimeout(limit);
  const facts = {
    httpStatus: response.status,
    providerRequestId: requestIdOf(response.headers),
    usage: 'usage' in read ? read.usage : null,
    svgUsage: 'svgUsage' in read ? read.svgUsage : null,
  };
  if (read.status === 'images') {
    const { images, chosen } = read;
    const warnings = describeMissing(read, context.wanted);
    return { ...facts, status: 'images', images, chosen, warnings };
  }
  const fault = response.ok ? faultOf(read, response, body) : faultByStatus(read, response);
  return { ...facts, status: 'fault', fault };
}

async function readBody(
  body: AnswerBody,
  headers: Headers,
  { contentEncoding, wanted, onPartial, fetchPicture }: AnswerContext,
): Promise<Read> {
  const length = contentEncoding === null ? Number(headers.get('content-length')) : 0;
  const { rest, take } = extractBase64Images(
    decodeBody(body.chunks, contentEncoding),
    length > 0 ? length : null,
  );
  const source = { take, fetchPicture };
  const { form, chunks } = await openText(untilError(rest, body.noteUnreadable));
  const isStream =
    form === 'events' || (form === 'empty' && isEventStream(headers.get('content-type')));
  if (!isStream) return readText(await collectText(chunks, body.stop), source, onPartial, wanted);

  const text = keepText(chunks);
  const events = untilError(readEvents(text.chunks), body.noteUnreadable);
  const end = await readStream(events, onPartial, source, wanted);
  if (end.status !== 'cut') return toRead(end);
  // Comments may come before JSON as pings.
  const answer = parseJson(text.kept());
  return answer === undefined ? { status: 'cut', body: '' } : readWhole(answer, source);
}

function isEventStream(contentType: string | null): boolean {
  return /^text\/event-stream\b/i.test(contentType ?? '');
}

/** Reads a text that is no event stream: JSON, or one JSON value a line. */
async function readText(
  text: string,
  source: PictureSource,
  onPartial: OnPartial,
  wanted: number,
): Promise<Read> {
  const answer = parseJson(text);
  if (answer === undefined) {
    const beginning = text.slice(0, maxShownCharacters);
    return { body: beginning, ...(await readImages(undefined, source)) };
  }
  if (!isEvent(answer)) return readWhole(answer, source);
  const [first = '', ...others] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const lines = isJson(first) ? [first, ...others] : [text];
  const end = await readStream(toEvents(lines), onPartial, source, wanted);
  return end.status === 'cut' ? readWhole(answer, source) : toRead(end);
}

async function readWhole(answer: unknown, source: PictureSource): Promise<Read> {
  return { body: answer, ...(await readImages(answer, source)) };
}

function toRead(end: Exclude<StreamEnd, { status: 'cut' }>): Read {
  return end.status === 'completed'
    ? { ...end.read, body: end.read.status === 'error' ? end.read.body : '' }
    : { status: 'failed_event', body: end.body, isUnderway: end.isUnderway };
}

function isEvent(answer: unknown): boolean {
  const type: unknown =
    typeof answer === 'object' && answer !== null && 'type' in answer ? answer.type : null;
  return typeof type === 'string' && /\.(partial_image|completed)$/.test(type);
}

async function* toEvents(lines: readonly string[]) {
  for (const data of lines) yield { name: '', data };
}

/**
 * Collects a text. When it is complete JSON and the body does not end, `stop` ends it: some servers
 * keep the connection open.
 */
async function collectText(chunks: AsyncGenerator<Uint8Array>, stop: () => void): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | null = null;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxTextBytes) break;
    pieces.push(chunk);
    if (timer === null && bytes <= maxCheckedBytes && chunk.at(-1) === closingBrace)
      if (isJson(textOf(pieces))) timer = setTimeout(stop, lingerMs);
  }
  if (timer !== null) clearTimeout(timer);
  return textOf(pieces);
}

/** Passes the chunks on, and keeps the first of them as a text. */
function keepText(chunks: AsyncGenerator<Uint8Array>) {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  async function* passOn(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes <= maxCheckedBytes) pieces.push(chunk);
      yield chunk;
    }
  }
  return { chunks: passOn(), kept: () => textOf(pieces) };
}

function textOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('utf8');
}

/** Throws the error that cut the connection, when nothing that came before decides. */
function faultOf(
  read: Exclude<Read, { status: 'images' }>,
  { headers }: Response,
  body: AnswerBody,
): Fault {
  const nowMs = Date.now();
  if (read.status === 'error')
    return classifyAnsweredError(read.body, Object.fromEntries(headers), nowMs);
  if (read.status === 'failed_event') return classifyEvent(read.body, read.isUnderway, nowMs);
  const unreadable = body.unreadable();
  if (unreadable !== null) return unusable(cutMessage(unreadable.message));
  const cutBy = body.cutBy();
  if (cutBy !== null) throw cutBy;
  if (read.status === 'cut') return classifyFault(streamCut, nowMs);
  return read.isAddress
    ? {
        ...unusable(read.reason, 'an address instead of base64'),
        code: 'answered_with_address',
        mayRepeat: false,
      }
    : unusable(read.reason, read.shape);
}

const streamCut = {
  kind: 'network',
  phase: 'after_request_written',
  code: 'stream_cut',
  message: 'the stream ended before its image arrived',
} as const;

/** The status counts although the body was cut: it came first. */
function faultByStatus(read: Exclude<Read, { status: 'images' }>, response: Response): Fault {
  const { status, headers } = response;
  return classifyFault(
    { kind: 'http', status, headers: Object.fromEntries(headers), body: read.body },
    Date.now(),
  );
}

function unusable(message: string, shape = message) {
  return {
    class: 'unusable',
    code: 'unusable_answer',
    message,
    shape,
    mayRepeat: true,
  } as const satisfies Fault;
}

/** One warning when fewer images came than were asked for, with the reasons that are known. */
function describeMissing(
  { images, missing }: Extract<ReadImages, { status: 'images' }>,
  wanted: number,
): JobWarning[] {
  if (images.length >= wanted) return [];
  const reasons = missing
    .slice(0, maxReasons)
    .map(({ index, reason }) => `image ${index}: ${reason}`);
  const counts = `The provider returned ${images.length} of ${wanted} images`;
  return [{ code: 'fewer_n', message: cutMessage([counts, ...reasons].join('; ')) }];
}

export function requestIdOf(headers: Headers): string | null {
  const id = headers.get('x-request-id') ?? headers.get('apim-request-id');
  return id === null ? null : id.slice(0, maxRequestIdCharacters);
}
