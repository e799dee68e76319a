/**
 * Finds the images of a parsed answer and inspects each of them.
 *
 * Problem: an answer may hold pictures and errors side by side, addresses instead of base64, or a
 * single object where a list is expected; and an error may come with status 200.
 * Approach: every entry counts for itself. Any usable picture makes the answer a success, and what
 * is missing is reported with the entry's own reason.
 * Guarantee: reasons never contain the bytes of an image.
 * Used by `read-answer.ts` for whole answers and by `read-stream.ts` for events.
 */
import { z } from 'zod';
import type { OutputFormat } from '../../models/model-table.ts';
import { chosenSchema, type Chosen } from '../../schemas/job.ts';
import { cutMessage, readErrorBody } from '../faults/error-body.ts';
import { decodeBase64, type DecodedPicture } from './base64-decoder.ts';
import type { TakePicture } from './extract-base64-images.ts';
import type { FetchPicture } from './fetch-picture.ts';
import { inspectImage } from './inspect-image.ts';
import { parseJson } from './parse-json.ts';

export interface AnsweredImage extends DecodedPicture {
  format: OutputFormat;
  width: number;
  height: number;
}

export interface MissingImage {
  /** Position in the answer. */
  index: number;
  reason: string;
  /** The entry was an address that Kiln may not fetch, or could not. */
  isAddress: boolean;
}

export type ReadImages =
  | ({
      status: 'images';
      images: AnsweredImage[];
      missing: MissingImage[];
      chosen: Chosen;
    } & ReadUsage)
  /** The provider reports an error instead of images. */
  | ({ status: 'error'; body: unknown } & ReadUsage)
  | ({ status: 'unusable'; reason: string; shape: string; isAddress: boolean } & ReadUsage);

/** Set if the answer has it, since an unusable answer is billed too. */
export interface ReadUsage {
  usage: object | null;
  /** The second meter of an SVG document. */
  svgUsage: object | null;
}

/** How the values of an answer become bytes. */
export interface PictureSource {
  take: TakePicture;
  fetchPicture: FetchPicture;
}

/** More than any provider makes in one call. */
const maxEntries = 100;
const maxUsageCharacters = 16_384;
const openingBrace = '{'.charCodeAt(0);

const fieldsSchema = z.record(z.string(), z.unknown());
type Fields = z.infer<typeof fieldsSchema>;

/** @param answer parsed JSON; undefined for a body that is not JSON */
export async function readImages(answer: unknown, source: PictureSource): Promise<ReadImages> {
  const fields = fieldsSchema.safeParse(answer).data ?? {};
  const billed: ReadUsage = {
    usage: readUsage(fields['usage']),
    svgUsage: readUsage(fields['svg_usage']),
  };
  const entries = entriesOf(answer);
  const images: AnsweredImage[] = [];
  const missing: MissingImage[] = [];
  for (const [index, entry] of entries.entries()) {
    const read = await readEntry(entry, source);
    if (read.status === 'image') images.push(read.image);
    else missing.push({ index, reason: read.reason, isAddress: read.isAddress });
  }
  if (images.length > 0) {
    const chosen = { ...chosenSchema.safeParse(answer).data, ...readRevisedPrompt(entries) };
    return { status: 'images', images, missing, ...billed, chosen };
  }
  const error = errorOf(fields, entries);
  if (error !== null) return { status: 'error', body: error, ...billed };
  const [first] = missing;
  if (first !== undefined) {
    const reason = `image ${first.index}: ${first.reason}`;
    return {
      status: 'unusable',
      reason,
      shape: first.reason,
      isAddress: first.isAddress,
      ...billed,
    };
  }
  const shape =
    answer === undefined ? 'is not JSON' : `has no image; ${describeKeys(answer, fields)}`;
  return { status: 'unusable', reason: `the answer ${shape}`, shape, isAddress: false, ...billed };
}

/** Every image of an answer has it, where the provider rewrites prompts; one is kept. */
function readRevisedPrompt(entries: readonly unknown[]): Pick<Chosen, 'revised_prompt'> {
  for (const entry of entries) {
    const revised = chosenSchema.safeParse(entry).data?.revised_prompt;
    if (revised !== undefined) return { revised_prompt: revised };
  }
  return {};
}

/** Whether the answer has at least one value that may be an image. */
export function hasPicture(answer: unknown): boolean {
  return entriesOf(answer).some(isPicture);
}

function isPicture(entry: unknown): boolean {
  const { b64_json: base64, url } = fieldsSchema.safeParse(entry).data ?? {};
  return isText(base64) || isText(url);
}

/** The entries of `data`, whether it is a list, a single object, or the answer itself. */
function entriesOf(answer: unknown): unknown[] {
  if (Array.isArray(answer)) return answer.slice(0, maxEntries) as unknown[];
  const fields = fieldsSchema.safeParse(answer).data;
  if (fields === undefined) return [];
  const { data } = fields;
  if (Array.isArray(data)) return data.slice(0, maxEntries) as unknown[];
  if (fieldsSchema.safeParse(data).success) return [data];
  return isText(fields['b64_json']) || isText(fields['url']) ? [answer] : [];
}

type ReadEntry =
  | { status: 'image'; image: AnsweredImage }
  | { status: 'missing'; reason: string; isAddress: boolean };

/** Reads `url` only when `b64_json` is no picture: an address costs a request. */
async function readEntry(entry: unknown, source: PictureSource): Promise<ReadEntry> {
  const { b64_json: base64, url, error } = fieldsSchema.safeParse(entry).data ?? {};
  const isAddress = isText(url) && /^(https?:)?\//i.test(url);
  const first = isText(base64) ? await readBase64(base64, source) : null;
  if (first?.status === 'image') return first;
  const second = !isText(url)
    ? null
    : isAddress
      ? await readAddress(url, source)
      : await readBase64(url, source);
  if (second?.status === 'image') return second;
  const reported = describeError(error);
  const reason = (second ?? first)?.reason ?? 'it has neither b64_json nor url';
  return {
    status: 'missing',
    reason: reported ?? reason,
    isAddress: isAddress && reported === null,
  };
}

type ReadValue = { status: 'image'; image: AnsweredImage } | { status: 'missing'; reason: string };

async function readBase64(value: string, { take }: PictureSource): Promise<ReadValue> {
  const taken = take(value);
  return taken === null ? { status: 'missing', reason: 'it is not base64' } : inspect(taken);
}

/** Some servers answer at the address with JSON that holds the picture. */
async function readAddress(address: string, { fetchPicture }: PictureSource): Promise<ReadValue> {
  const fetched = await fetchPicture(address);
  if (fetched.status === 'missing') return fetched;
  const { picture } = fetched;
  const inspected = await inspect(picture);
  if (inspected.status === 'image') return inspected;
  const nested = picture.bytes[0] === openingBrace ? await readNested(picture.bytes) : null;
  if (nested !== null) return { status: 'image', image: nested };
  return { status: 'missing', reason: `it is an address, and there ${inspected.reason}` };
}

async function readNested(bytes: Uint8Array): Promise<AnsweredImage | null> {
  const read = await readImages(parseJson(Buffer.from(bytes).toString('utf8')), {
    take: decodeBase64,
    fetchPicture: async () => ({ status: 'missing', reason: 'its address leads to another' }),
  });
  return read.status === 'images' ? (read.images[0] ?? null) : null;
}

async function inspect(picture: DecodedPicture): Promise<ReadValue> {
  const inspected = await inspectImage(picture.bytes);
  if (inspected.status === 'unusable') return { status: 'missing', reason: inspected.reason };
  const { format, width, height } = inspected;
  return { status: 'image', image: { ...picture, format, width, height } };
}

/** The provider's error in an answer without an image: its own, or that of its first entry. */
function errorOf(fields: Fields, entries: readonly unknown[]): unknown {
  if (describeError(fields['error']) !== null) return fields;
  for (const entry of entries) {
    const { error } = fieldsSchema.safeParse(entry).data ?? {};
    if (describeError(error) !== null) return { error };
  }
  // Gateways also write the message without an envelope. Beside pictures it says something else,
  // such as `success`.
  if (entries.some(isPicture)) return null;
  return readErrorBody(fields).message === '' ? null : fields;
}

function describeError(error: unknown): string | null {
  if (error === undefined || error === null || error === '' || error === false) return null;
  const { message } = readErrorBody({ error });
  const { code } = fieldsSchema.safeParse(error).data ?? {};
  const words = [isText(code) ? code : '', message].filter((word) => word !== '').join(': ');
  return cutMessage(words) || 'the provider reports an error without a message';
}

/** `usage` as the provider sent it; null when it is no object, or longer than any real one. */
function readUsage(usage: unknown): object | null {
  const parsed = fieldsSchema.safeParse(usage).data;
  return parsed !== undefined && JSON.stringify(parsed).length <= maxUsageCharacters
    ? parsed
    : null;
}

function describeKeys(answer: unknown, fields: Fields): string {
  if (Array.isArray(answer)) return 'it is an empty list';
  const keys = cutMessage(Object.keys(fields).join(', ')).slice(0, 200);
  return keys === '' ? 'it has no fields' : `its fields are ${keys}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
