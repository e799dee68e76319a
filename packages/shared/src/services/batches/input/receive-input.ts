/**
 * Receives what a batch is made of: JSON that names an uploaded file, or holds a template with its
 * values, or prompts; a form with the file, the pictures its rows name and the options as fields,
 * in any order; or the file alone, with the options in the query string. A template and prompts are
 * written as a CSV file, so that everything after this treats them like an upload.
 */
import type { z } from 'zod';
import { KilnError } from '../../../errors.ts';
import {
  batchOptionsSchema,
  batchRequestSchema,
  type BatchOptions,
  type StoredBatchOptions,
} from '../../../schemas/batch.ts';
import {
  promptsRequestSchema,
  templateRequestSchema,
} from '../../../schemas/batches/batch-template.ts';
import { parseBoundedJson } from '../../../bounded-json.ts';
import { toRefusal } from '../../../schemas/refusal.ts';
import type { NewSource } from '../../edits/source-files.ts';
import type { StoredBytes } from '../../files/store-file.ts';
import { receiveFile } from '../../files/upload-file.ts';
import { formFiles, receiveBatchForm, type ReceivedForm } from './receive-form.ts';
import type { FormPart } from '../../files/form-part.ts';
import { cutText } from '../../../schemas/text.ts';
import { buildTemplateTable, type TemplateTable } from '../templates/template-table.ts';
import { buildPromptsTable, writeTable } from '../templates/write-table.ts';
import type { PicturesDeps } from './uploaded-pictures.ts';

export type BatchInput =
  | { kind: 'json'; body: unknown }
  | {
      kind: 'form';
      parts: AsyncIterable<FormPart>;
      /** Aborts when the caller has disconnected. */
      signal: AbortSignal;
    }
  | {
      kind: 'bytes';
      filename: string;
      bytes: AsyncIterable<Uint8Array>;
      fields: Readonly<Record<string, unknown>>;
    };

type InputOptions = BatchOptions &
  Pick<StoredBatchOptions, 'template_needs_values' | 'mixed_endpoints'>;

type InputDeps = PicturesDeps & { config: { maxBatchRows: number } };

export type ReceivedInput = { options: InputOptions } & (
  | { kind: 'named'; fileId: string }
  /** A stored object without a record: the caller makes it a file, or discards it. */
  | {
      kind: 'stored';
      filename: string;
      stored: StoredBytes;
      pictures: NewSource[];
      /** File ids of the pictures, by the names they came with. */
      names: Record<string, string>;
    }
);

/**
 * Throws `invalid_request`, `unknown_parameter`, `file_too_large`, and the errors of the parts.
 * Nothing stays stored then.
 * @param mayMissValues a template whose rows lack values is received: reading its table reports
 * them
 */
export async function receiveInput(
  deps: InputDeps,
  projectId: string,
  input: BatchInput,
  mayMissValues: boolean,
): Promise<ReceivedInput> {
  switch (input.kind) {
    case 'json':
      return receiveJson(deps, input.body, mayMissValues);
    case 'bytes': {
      const options = parseFields(new Map(Object.entries(input.fields)), []);
      const stored = await receiveFile(deps, input.filename, input.bytes, 'batch');
      return { kind: 'stored', filename: input.filename, stored, options, pictures: [], names: {} };
    }
    case 'form':
      return receiveBatchForm(deps, projectId, input.parts, input.signal, acceptForm);
  }
}

async function receiveJson(
  deps: InputDeps,
  body: unknown,
  mayMissValues: boolean,
): Promise<ReceivedInput> {
  const has = (name: string) =>
    typeof body === 'object' && body !== null && Object.hasOwn(body, name);
  if (['template', 'values', 'matrix'].some(has)) {
    const { template, values, matrix, ...options } = parseJson(templateRequestSchema, body);
    const table = buildTemplateTable(
      { template, values, matrix },
      {
        maxRows: deps.config.maxBatchRows,
        mayMissValues: mayMissValues || options.on_invalid_rows === 'skip',
      },
    );
    return storeTable(deps, 'template.csv', table, { ...options, template_needs_values: true });
  }
  if (has('prompts')) {
    const { prompts, ...options } = parseJson(promptsRequestSchema, body);
    return storeTable(deps, 'prompts.csv', buildPromptsTable(prompts), options);
  }
  if (isOptionsOnly(body))
    throw new KilnError(
      'invalid_request',
      'input_file_id: is missing; name an uploaded file, or send template with values or matrix, ' +
        'or prompts',
      { param: 'input_file_id' },
    );
  const { input_file_id: fileId, ...options } = parseJson(batchRequestSchema, body);
  return { kind: 'named', fileId, options: liftResponseFormat(options) };
}

/** Whether nothing is wrong with the names of the fields, except that none is an input. */
function isOptionsOnly(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    Object.keys(body).every((name) => Object.hasOwn(batchOptionsSchema.shape, name))
  );
}

function parseJson<T>(schema: z.ZodObject & z.ZodType<T>, body: unknown): T {
  return parse(schema, body, Object.keys(schema.shape));
}

async function storeTable(
  deps: InputDeps,
  filename: string,
  table: TemplateTable,
  options: InputOptions,
): Promise<ReceivedInput> {
  const stored = await receiveFile(deps, filename, writeTable(table), 'batch');
  const lifted = liftResponseFormat(options);
  return { kind: 'stored', filename, stored, options: lifted, pictures: [], names: {} };
}

function acceptForm({ fields, table, pictures, names }: ReceivedForm): ReceivedInput {
  const { charset, ...file } = table;
  // The field is the deliberate one of the two, as for a body that is the file.
  const given = charset === null ? fields : new Map([['encoding', charset], ...fields]);
  return { kind: 'stored', ...file, options: parseFields(given, formFiles), pictures, names };
}

const jsonFields: readonly string[] = [
  'metadata',
  'output_expires_after',
  'defaults',
  'column_map',
];

/** Parses fields that came as texts. `jsonFields` are written in JSON. */
function parseFields(
  fields: ReadonlyMap<string, unknown>,
  otherFields: readonly string[],
): BatchOptions {
  const input: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of fields)
    input[name] = typeof value === 'string' ? readField(name, value) : value;
  return liftResponseFormat(
    parse(batchOptionsSchema, { ...input }, [
      ...otherFields,
      ...Object.keys(batchOptionsSchema.shape),
    ]),
  );
}

/** `defaults` may have it, too, but it is no field of a job. */
function liftResponseFormat({ defaults, ...options }: InputOptions): InputOptions {
  if (defaults === undefined) return options;
  const { response_format: format, ...others } = defaults;
  return {
    ...(format !== undefined && { response_format: format }),
    ...options,
    defaults: others,
  };
}

function readField(name: string, text: string): unknown {
  if (name === 'deadline' && /^\d{1,12}$/.test(text)) return Number(text);
  if (name === 'as_drafts' && /^(true|false)$/.test(text)) return text === 'true';
  // A list may be written as `a,b` instead of in JSON.
  if (name === 'webhook_events' && !text.trimStart().startsWith('['))
    return text.split(',').map((each) => each.trim());
  if (!jsonFields.includes(name) && name !== 'webhook_events') return text;
  const parsed = parseBoundedJson(text);
  switch (parsed.status) {
    case 'parsed':
      return parsed.value;
    case 'excessive':
      throw new KilnError('invalid_request', `${name}: ${parsed.excess.message}`, { param: name });
    case 'broken':
      throw new KilnError(
        'invalid_request',
        `${name}: received "${cutText(text, 100)}", which is not valid JSON; it takes JSON text`,
        { param: name, cause: parsed.cause },
      );
  }
}

function parse<T>(schema: z.ZodType<T>, input: unknown, known: readonly string[]): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw toRefusal(parsed.error, input, known);
}
