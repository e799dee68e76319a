/**
 * What a batch is made from, as it comes: JSON that names an uploaded file; a form with the file,
 * the pictures its rows name and the options as its fields, in any order; or the file alone, with
 * the options in the address.
 */
import type { z } from 'zod';
import { KilnError } from '../../../errors.ts';
import {
  batchOptionsSchema,
  batchRequestSchema,
  type BatchOptions,
} from '../../../schemas/batch.ts';
import { toRefusal } from '../../../schemas/refusal.ts';
import type { NewSource, SourceDeps } from '../../edits/source-files.ts';
import type { StoredBytes } from '../../files/store-file.ts';
import { receiveFile } from '../../files/upload-file.ts';
import { formFiles, receiveBatchForm, type ReceivedForm } from './receive-form.ts';
import type { FormPart } from '../../files/form-part.ts';

export type BatchInput =
  | { kind: 'json'; body: unknown }
  | { kind: 'form'; parts: AsyncIterable<FormPart> }
  | {
      kind: 'bytes';
      filename: string;
      bytes: AsyncIterable<Uint8Array>;
      fields: Readonly<Record<string, unknown>>;
    };

export type ReceivedInput = { options: BatchOptions } & (
  | { kind: 'named'; fileId: string }
  /** An object that nobody knows of yet: it becomes a file, or is discarded. */
  | {
      kind: 'stored';
      filename: string;
      stored: StoredBytes;
      pictures: NewSource[];
      /** File ids of the pictures, by their names. */
      names: Record<string, string>;
    }
);

/**
 * Throws `invalid_request`, `unknown_parameter`, `file_too_large`, and whatever the parts throw;
 * then nothing stays stored.
 */
export async function receiveInput(
  deps: SourceDeps,
  projectId: string,
  input: BatchInput,
): Promise<ReceivedInput> {
  switch (input.kind) {
    case 'json': {
      const { input_file_id: fileId, ...options } = parse(
        batchRequestSchema,
        input.body,
        Object.keys(batchRequestSchema.shape),
      );
      return { kind: 'named', fileId, options };
    }
    case 'bytes': {
      const options = parseFields(new Map(Object.entries(input.fields)), []);
      const stored = await receiveFile(deps, input.filename, input.bytes, 'batch');
      return { kind: 'stored', filename: input.filename, stored, options, pictures: [], names: {} };
    }
    case 'form':
      return receiveBatchForm(deps, projectId, input.parts, acceptForm);
  }
}

function acceptForm({ fields, table, pictures, names }: ReceivedForm): ReceivedInput {
  return { kind: 'stored', ...table, options: parseFields(fields, formFiles), pictures, names };
}

const objects: readonly string[] = ['metadata', 'output_expires_after', 'defaults', 'column_map'];

/** Texts as the JSON they stand for. */
function parseFields(
  fields: ReadonlyMap<string, unknown>,
  besides: readonly string[],
): BatchOptions {
  const input: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of fields)
    input[name] = typeof value === 'string' ? readField(name, value) : value;
  return parse(batchOptionsSchema, { ...input }, [
    ...besides,
    ...Object.keys(batchOptionsSchema.shape),
  ]);
}

function readField(name: string, text: string): unknown {
  if (name === 'deadline' && /^\d{1,12}$/.test(text)) return Number(text);
  // A list as people write it, `a,b`, is one as well.
  if (name === 'webhook_events' && !text.trimStart().startsWith('['))
    return text.split(',').map((each) => each.trim());
  if (!objects.includes(name) && name !== 'webhook_events') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new KilnError(
      'invalid_request',
      `${name}: received "${text.slice(0, 100)}"; it takes JSON text`,
      {
        param: name,
        cause,
      },
    );
  }
}

function parse<T>(schema: z.ZodType<T>, input: unknown, known: readonly string[]): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw toRefusal(parsed.error, input, known);
}
