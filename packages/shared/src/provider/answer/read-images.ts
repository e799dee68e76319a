/**
 * Reads the images of a successful answer: base64 in `data`, decoded and looked at. What cannot be
 * used has a reason without its bytes.
 */
import { z } from 'zod';
import type { OutputFormat } from '../../models/model-table.ts';
import { chosenSchema, type Chosen } from '../../schemas/job.ts';
import type { DecodedPicture } from './base64-decoder.ts';
import { inspectImage } from './inspect-image.ts';
import { decodeWhole, type TakePicture } from './extract-base64-images.ts';

export interface AnsweredImage extends DecodedPicture {
  format: OutputFormat;
  width: number;
  height: number;
}

export type ReadImages =
  | { status: 'images'; images: AnsweredImage[]; usage: object | null; chosen: Chosen }
  /** `usage` where there is one: an unusable answer was billed all the same. */
  | { status: 'unusable'; reason: string; usage: object | null };

const answerSchema = z.object({
  data: z.array(z.object({ b64_json: z.string() })).min(1),
  usage: z.record(z.string(), z.unknown()).nullish(),
});

export function readImages(text: string, take: TakePicture = decodeWhole): Promise<ReadImages> {
  return readAnswered(parseJson(text), take);
}

/** Of an answer that was parsed already; undefined where it is not JSON. */
export async function readAnswered(answer: unknown, take: TakePicture): Promise<ReadImages> {
  const usage =
    z.object({ usage: z.record(z.string(), z.unknown()) }).safeParse(answer).data?.usage ?? null;
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) {
    const shape =
      answer === undefined ? 'is not JSON' : (parsed.error.issues[0]?.path.join('.') ?? '');
    return {
      status: 'unusable',
      reason: `the answer ${answer === undefined ? shape : `has no usable image at "${shape}"`}`,
      usage,
    };
  }
  const images: AnsweredImage[] = [];
  for (const [index, { b64_json: base64 }] of parsed.data.data.entries()) {
    const picture = take(base64);
    if (picture === null)
      return { status: 'unusable', reason: `image ${index} is not base64`, usage };
    const inspected = await inspectImage(picture.bytes);
    if (inspected.status === 'unusable')
      return { status: 'unusable', reason: `image ${index}: ${inspected.reason}`, usage };
    const { format, width, height } = inspected;
    images.push({ ...picture, format, width, height });
  }
  return { status: 'images', images, usage, chosen: chosenSchema.parse(answer) };
}

/** undefined for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // a page, or a body that was cut: the caller says so
  }
}
