/**
 * Every field of a request, written once. A new parameter is one entry here; its schema, its CSV
 * column, its form part, what reaches the provider, what `provider_options` may hold and what
 * `GET /v1/models` lists follow from the entry. Rules between several fields are in
 * `models/job-rules.ts`. `request-field.ts` explains what an entry says.
 */
import { z } from 'zod';
import {
  backgrounds,
  complexities,
  composites,
  dedupeModes,
  inputFidelities,
  moderations,
  outputFormats,
  priorities,
  qualities,
  svgEfforts,
} from './field-values.ts';
import { imageIdSchema } from './gallery/image-id.ts';
import { metadataSchema } from './metadata.ts';
import type { ModelAbilities, RequestFields } from './request-field.ts';
import { maxImages, sourceSchema } from './source.ts';
import { storableJsonSchema, textSchema } from './text.ts';
import { jobWebhookEventsSchema, webhookUrlSchema } from './webhook.ts';

/** Bytes of `provider_options`, written as JSON. */
const maxOptionBytes = 65_536;

const everyRequest = ['job', 'row', 'generations', 'edits'] as const;
/** OpenAI's images API, whose answer holds the pictures. */
const imageRequests = ['generations', 'edits'] as const;

/** Models that make pictures of this format at one provider at least. */
const makes =
  (format: 'gif' | 'svg') =>
  ({ formats }: ModelAbilities) =>
    formats.openai.includes(format) || formats.azure.includes(format);

export const requestFields = {
  prompt: {
    schema: textSchema(1, 32_000).meta({
      description: 'What the picture shows.',
      examples: ['A small boat in morning fog'],
    }),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'text',
    csv: ['prompt', 'プロンプト', '指示', '指示文', '指示内容'],
  },
  model: {
    schema: textSchema(1, 128)
      .optional()
      .meta({ description: 'Default: the model of the first configured deployment.' }),
    requests: everyRequest,
    models: null,
    // The name that a deployment takes may be another one: `provider/request-body.ts` sends it.
    sentAs: 'nothing',
    text: 'text',
    csv: ['model', 'モデル', 'モデル名'],
  },
  n: {
    schema: z
      .int()
      .min(1)
      .max(10)
      .optional()
      .meta({ description: 'Number of pictures. Default: 1.' }),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'number',
    csv: ['n', '枚数', '生成枚数', '画像枚数'],
  },
  size: {
    schema: textSchema(1, 32).optional().meta({
      description: 'WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes.',
    }),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'size',
    csv: ['size', 'サイズ', '画像サイズ', '画像の大きさ', '大きさ'],
  },
  quality: {
    schema: z.enum(qualities).optional(),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'text',
    csv: ['quality', '品質', '画質', 'クオリティ'],
  },
  background: {
    schema: z.enum(backgrounds).optional(),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'text',
    csv: ['background', '背景'],
  },
  output_format: {
    schema: z.enum(outputFormats).optional(),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'text',
    csv: [
      'output_format',
      'outputformat',
      'format',
      '出力形式',
      '画像形式',
      'ファイル形式',
      '形式',
      'フォーマット',
    ],
  },
  output_compression: {
    schema: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .meta({ description: 'Per cent. Only with jpeg and webp.' }),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'number',
    csv: ['output_compression', 'outputcompression', 'compression', '圧縮率', '圧縮', '出力圧縮率'],
  },
  moderation: {
    schema: z.enum(moderations).optional(),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'text',
    csv: ['moderation', 'モデレーション'],
  },
  images: {
    schema: z
      .array(sourceSchema)
      .min(1)
      .max(maxImages)
      .optional()
      .meta({ description: 'The pictures to edit. They make the job an edit.' }),
    requests: ['job', 'edits'],
    models: 'all',
    sentAs: 'file',
    text: 'file',
    csv: ['image', 'images', '画像', '元画像', '入力画像', '参照画像'],
    // One picture, and several: the official SDK names them differently.
    formNames: ['image', 'image[]'],
  },
  mask: {
    schema: sourceSchema.optional().meta({
      description:
        'A png of the size of the first image. The edit changes what is transparent in it.',
    }),
    requests: ['job', 'edits'],
    models: 'all',
    sentAs: 'file',
    text: 'file',
    csv: ['mask', 'マスク', 'マスク画像'],
    formNames: ['mask'],
  },
  markup: {
    schema: sourceSchema.optional().meta({
      description:
        'A png laid over the first image to guide the edit, for models that take it. Not with ' +
        'a mask.',
    }),
    requests: ['job', 'edits'],
    models: ({ markup }) => markup,
    sentAs: 'file',
    text: 'file',
    csv: null,
    formNames: ['markup'],
  },
  composite: {
    schema: z
      .enum(composites)
      .optional()
      .meta({
        description:
          '`outside_mask`: besides the result, lay the first image back outside the mask, as a ' +
          'second picture (`images[].composite`). Not sent to the provider.',
      }),
    requests: ['job', 'row', 'edits'],
    models: null,
    sentAs: 'nothing',
    text: 'text',
    csv: ['composite', '合成'],
  },
  input_fidelity: {
    schema: z
      .enum(inputFidelities)
      .optional()
      .meta({ description: 'How closely an edit keeps to its images, for models that take it.' }),
    requests: ['job', 'row', 'edits'],
    models: ({ inputFidelity }) => inputFidelity.length > 0,
    sentAs: 'parameter',
    text: 'text',
    csv: null,
  },
  user: {
    schema: textSchema(1, 256).optional(),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'text',
    csv: null,
  },
  safety_identifier: {
    schema: textSchema(1, 256).optional(),
    requests: everyRequest,
    models: 'all',
    sentAs: 'parameter',
    text: 'text',
    csv: null,
  },
  stream: {
    schema: z.boolean().optional().meta({ description: "OpenAI's server-sent events." }),
    requests: imageRequests,
    models: null,
    sentAs: 'nothing',
    text: 'boolean',
    csv: null,
  },
  partial_images: {
    schema: z
      .int()
      .min(0)
      .max(3)
      .optional()
      .meta({ description: 'Partial images to send before the picture. Only with `stream`.' }),
    requests: imageRequests,
    models: null,
    sentAs: 'nothing',
    text: 'number',
    csv: null,
  },
  response_format: {
    schema: z
      .enum(['b64_json', 'url'])
      .optional()
      .meta({ description: '`url`: where Kiln keeps the picture, instead of its bytes.' }),
    requests: imageRequests,
    models: null,
    sentAs: 'nothing',
    text: 'text',
    csv: null,
  },
  complexity: {
    schema: z.enum(complexities).optional(),
    requests: imageRequests,
    models: null,
    sentAs: 'option',
    text: 'text',
    csv: null,
  },
  frame_count: {
    schema: z.int().min(2).max(16).optional().meta({ description: 'Frames of a gif. Default: 9.' }),
    requests: everyRequest,
    models: makes('gif'),
    sentAs: 'parameter',
    text: 'number',
    csv: ['frame_count', 'フレーム数'],
  },
  frame_duration_ms: {
    schema: z
      .int()
      .min(1)
      .max(655_350)
      .optional()
      .meta({ description: 'Milliseconds that a gif shows each frame. Default: 200.' }),
    requests: everyRequest,
    models: makes('gif'),
    sentAs: 'parameter',
    text: 'number',
    csv: ['frame_duration_ms', 'フレーム表示時間'],
  },
  svg: {
    schema: z
      .strictObject({
        model: textSchema(1, 128).optional(),
        reasoning: z.strictObject({ effort: z.enum(svgEfforts).nullish() }).nullish(),
      })
      .optional()
      .meta({
        description:
          'The model that writes an SVG document, and its effort. Only with `output_format` svg.',
        examples: [{ model: 'gpt-5.6-terra', reasoning: { effort: 'low' } }],
      }),
    requests: everyRequest,
    models: makes('svg'),
    sentAs: 'parameter',
    text: 'json',
    csv: ['svg'],
  },
  provider_options: {
    schema: z
      .record(textSchema(1, 64), storableJsonSchema)
      .refine((options) => Buffer.byteLength(JSON.stringify(options)) <= maxOptionBytes, {
        error:
          `has more than ${maxOptionBytes.toLocaleString('en')} bytes as JSON, the most that is ` +
          'allowed',
      })
      .optional()
      .meta({
        description:
          "Merged into the provider's request: for parameters newer than the model table. At " +
          'most 65,536 bytes; no field that Kiln knows itself. Lists leave it out.',
      }),
    requests: everyRequest,
    models: null,
    // Its members are sent, each under its own name.
    sentAs: 'nothing',
    text: 'json',
    csv: null,
  },
  priority: {
    schema: z
      .enum(priorities)
      .optional()
      .meta({ description: '`interactive` (default) goes before `bulk`.' }),
    requests: ['job', 'row'],
    models: null,
    sentAs: 'nothing',
    text: 'text',
    csv: null,
  },
  metadata: {
    schema: metadataSchema.optional(),
    requests: everyRequest,
    models: null,
    sentAs: 'nothing',
    text: 'json',
    csv: null,
  },
  derived_from: {
    schema: imageIdSchema.optional().meta({
      description:
        'The image that this job finishes, `job_…/0`. The job says so; nothing else follows.',
    }),
    requests: ['job'],
    models: null,
    sentAs: 'nothing',
    text: 'text',
    csv: null,
  },
  dedupe: {
    schema: z
      .enum(dedupeModes)
      .optional()
      .meta({
        description:
          'When the same request was made before in this project. `offer`: answer with what was ' +
          'made, and make nothing; only `POST /v1/jobs` does so. `reuse`: succeed at once with ' +
          'copies of its pictures, at no cost. Default: `KILN_DEDUPE`, or `off`.',
      }),
    requests: ['job', 'generations', 'edits'],
    models: null,
    sentAs: 'nothing',
    text: 'text',
    csv: null,
  },
  webhook_url: {
    schema: webhookUrlSchema.optional().meta({
      description:
        'Receives events of this job, signed with the secret of `POST /v1/webhook_secret/rotate`.',
    }),
    requests: ['job'],
    models: null,
    sentAs: 'nothing',
    text: 'text',
    csv: null,
  },
  webhook_events: {
    schema: jobWebhookEventsSchema
      .optional()
      .meta({ description: 'Default: the final states of the job, and `job.held`.' }),
    requests: ['job'],
    models: null,
    sentAs: 'nothing',
    text: 'json',
    csv: null,
  },
} as const satisfies RequestFields;
