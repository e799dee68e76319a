/** The parameters of a generation or an edit: the tables of checks, and what a valid body means. */
import { checkUploads } from '../edits/checks.ts';
import type { Uploads } from '../edits/upload.ts';
import { findModelRules } from '../models.ts';
import type { Format } from '../pictures/encoder.ts';
import { isBody, isSet, readNumber, readText, type Body } from './body.ts';
import {
  checkTogether,
  oneOf,
  size,
  svgAuthor,
  text,
  trueOrFalse,
  wholeNumber,
  type Check,
} from './checks.ts';
import { missingParameter, unknownParameter, wrongType, type Problem } from './problem.ts';
import { parseSize, type Size } from './size.ts';

export interface GenerationParameters {
  prompt: string;
  model: string;
  n: number;
  size: Size;
  /** Resolved: never `auto`. */
  quality: string;
  background: 'opaque' | 'transparent';
  format: Format;
  compression: number;
  /** Null for an answer that is not streamed. */
  stream: { partialImages: number } | null;
  /** The frames of a gif; null for another format. */
  frames: { count: number; durationMs: number } | null;
  /** The author of an SVG document; null for another format. */
  author: { model: string; effort: string } | null;
  /** Null for a generation. */
  edit: { uploads: Uploads; fidelity: string | null } | null;
}

export type CheckedParameters =
  | { status: 'valid'; parameters: GenerationParameters }
  | { status: 'invalid'; problem: Problem };

const generationChecks: Readonly<Record<string, Check>> = {
  // Azure's limit and OpenAI's limit.
  prompt: text(32_000, 1),
  model: text(200, 1),
  n: wholeNumber(1, 10),
  size,
  quality: oneOf(({ rules }) => rules.qualities),
  background: oneOf(() => ['transparent', 'opaque', 'auto']),
  output_format: oneOf(({ provider, rules }) => rules.formats[provider]),
  output_compression: wholeNumber(0, 100),
  moderation: oneOf(() => ['low', 'auto']),
  user: text(512),
  safety_identifier: text(512),
  stream: trueOrFalse,
  partial_images: wholeNumber(0, 3),
  complexity: oneOf(() => ['low', 'medium', 'high']),
  frame_count: wholeNumber(2, 16),
  frame_duration_ms: wholeNumber(1, 655_350),
  svg: svgAuthor(true),
};

const editChecks: Readonly<Record<string, Check>> = {
  ...generationChecks,
  svg: svgAuthor(false),
  input_fidelity: oneOf(() => ['low', 'high']),
};

/**
 * `uploads` are the pictures of an edit, null for a generation. `servedModel` is the model of a
 * deployment that the URL names, null when the body names the model.
 */
export function checkParameters(
  body: unknown,
  uploads: Uploads | null,
  provider: 'azure' | 'openai',
  servedModel: string | null,
): CheckedParameters {
  if (!isBody(body)) return { status: 'invalid', problem: unreadable };
  const checks = uploads === null ? generationChecks : editChecks;
  const [unknown] = Object.keys(body).filter((param) => !Object.hasOwn(checks, param));
  if (unknown !== undefined) return { status: 'invalid', problem: unknownParameter(unknown) };
  if (servedModel === null && !isSet(body, 'model')) {
    return { status: 'invalid', problem: missingParameter('model') };
  }
  const model = servedModel ?? body['model'];
  if (typeof model !== 'string')
    return { status: 'invalid', problem: wrongType('model', 'a string', model) };

  const rules = findModelRules(model);
  for (const [param, check] of Object.entries(checks)) {
    const problem = isSet(body, param) ? check(body[param], param, { provider, rules }) : null;
    if (problem !== null) return { status: 'invalid', problem };
  }
  const problem =
    checkTogether(body) ?? (uploads === null ? null : checkUploads(uploads, body, provider, model));
  if (problem !== null) return { status: 'invalid', problem };
  const edit =
    uploads === null ? null : { uploads, fidelity: readText(body, 'input_fidelity', null) };
  return { status: 'valid', parameters: { ...readParameters(body, model, provider), edit } };
}

/** Requires a body that passed every check. */
function readParameters(
  body: Body,
  model: string,
  provider: 'azure' | 'openai',
): Omit<GenerationParameters, 'edit'> {
  const rules = findModelRules(model);
  const parsed = parseSize(readText(body, 'size', 'auto'), rules);
  const quality = readText(body, 'quality', provider === 'azure' ? rules.azureQuality : 'auto');
  const format = readText(body, 'output_format', 'png') as Format;
  return {
    prompt: readText(body, 'prompt', ''),
    model,
    n: readNumber(body, 'n', 1),
    size: 'code' in parsed ? { width: 1024, height: 1024 } : parsed,
    // Providers bill the quality they chose for `auto`; the simulator always chooses medium.
    quality: quality === 'auto' ? 'medium' : quality,
    background: body['background'] === 'transparent' ? 'transparent' : 'opaque',
    format,
    compression: readNumber(body, 'output_compression', 100),
    frames:
      format === 'gif'
        ? {
            count: readNumber(body, 'frame_count', 9),
            durationMs: readNumber(body, 'frame_duration_ms', 200),
          }
        : null,
    author: format === 'svg' ? readAuthor(body['svg']) : null,
    stream:
      body['stream'] === true ? { partialImages: readNumber(body, 'partial_images', 0) } : null,
  };
}

/** Without a model in the request, the provider chooses the author. */
function readAuthor(svg: unknown): GenerationParameters['author'] {
  const reasoning = isBody(svg) ? svg['reasoning'] : undefined;
  return {
    model: readText(svg, 'model', 'gpt-5.6-terra'),
    effort: readText(reasoning, 'effort', 'medium'),
  };
}

const unreadable: Problem = {
  message:
    'We could not parse the JSON body of your request. (HINT: This likely means you aren’t ' +
    'using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was ' +
    'sent was not valid JSON.)',
  param: null,
  code: 'invalid_json',
};
