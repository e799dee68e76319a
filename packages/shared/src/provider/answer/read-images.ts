/**
 * Reads the images of a successful answer: decodes the base64 in `data` and inspects each image.
 * The reason for an unusable answer never contains its bytes.
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
  | ({ status: 'images'; images: AnsweredImage[]; chosen: Chosen } & ReadUsage)
  | ({ status: 'unusable'; reason: string } & ReadUsage);

/** Set if the answer has it, since an unusable answer is billed too. */
export interface ReadUsage {
  usage: object | null;
  /** The second meter of an SVG document. */
  svgUsage: object | null;
}

const answerSchema = z.object({
  data: z.array(z.object({ b64_json: z.string() })).min(1),
  usage: z.record(z.string(), z.unknown()).nullish(),
});

export function readImages(text: string, take: TakePicture = decodeWhole): Promise<ReadImages> {
  return readAnswered(parseJson(text), take);
}

/** Reads a parsed answer; undefined stands for a body that is not JSON. */
export async function readAnswered(answer: unknown, take: TakePicture): Promise<ReadImages> {
  const billed: ReadUsage = {
    usage: readMember(answer, 'usage'),
    svgUsage: readMember(answer, 'svg_usage'),
  };
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) {
    const shape =
      answer === undefined ? 'is not JSON' : (parsed.error.issues[0]?.path.join('.') ?? '');
    return {
      status: 'unusable',
      reason: `the answer ${answer === undefined ? shape : `has no usable image at "${shape}"`}`,
      ...billed,
    };
  }
  const images: AnsweredImage[] = [];
  for (const [index, { b64_json: base64 }] of parsed.data.data.entries()) {
    const picture = take(base64);
    if (picture === null)
      return { status: 'unusable', reason: `image ${index} is not base64`, ...billed };
    const inspected = await inspectImage(picture.bytes);
    if (inspected.status === 'unusable')
      return { status: 'unusable', reason: `image ${index}: ${inspected.reason}`, ...billed };
    const { format, width, height } = inspected;
    images.push({ ...picture, format, width, height });
  }
  return { status: 'images', images, ...billed, chosen: chosenSchema.parse(answer) };
}

function readMember(answer: unknown, name: string): object | null {
  const object = z.record(z.string(), z.unknown());
  const member: unknown = object.safeParse(answer).data?.[name];
  return object.safeParse(member).data ?? null;
}

/** Returns undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // an HTML page or a truncated body; the caller reports it
  }
}
