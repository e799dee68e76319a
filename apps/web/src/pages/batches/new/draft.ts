/** A batch as it is put together on the page, and the requests that check it and start it. */
import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { client } from '../../../api/client.ts';
import type { Batch, BatchValidation } from '../api.ts';
import type { TemplateSource } from './input/template.ts';

type PromptsBody = components['schemas']['BatchOfPromptsInput'];
type TemplateBody = components['schemas']['BatchOfTemplateInput'];
type FileBody = components['schemas']['BatchOfFileInput'];

export type Defaults = Pick<
  NonNullable<PromptsBody['defaults']>,
  'model' | 'size' | 'quality' | 'output_format' | 'background' | 'n'
>;

/** What the visitor says about a file where Kiln would read it differently. */
export type Reading = Pick<FileBody, 'column_map' | 'encoding' | 'delimiter'>;

/** Where the rows come from. */
export type Source =
  | { kind: 'file'; file: File; pictures: readonly File[]; reading: Reading }
  | { kind: 'prompts'; prompts: readonly string[] }
  | TemplateSource;

/** `source` is null while there is nothing to send. */
export interface Draft {
  source: Source | null;
  defaults: Defaults;
  /** Rows are made with the cheapest model and quality that they allow. */
  asDrafts: boolean;
}

export type CompleteDraft = Draft & { source: Source };

/** Rows with mistakes are counted apart, so that the rest has its cost whatever becomes of them. */
export async function checkDraft(
  draft: CompleteDraft,
  signal: AbortSignal,
): Promise<BatchValidation> {
  const request = requestOf(draft, { on_invalid_rows: 'skip' });
  return answer(client.POST('/v1/batches/validate', { ...request, signal }));
}

export interface StartOptions {
  name: string;
  skipsInvalid: boolean;
  /** The same key for the same press: a repeated request starts nothing twice. */
  idempotencyKey: string;
}

export async function startDraft(draft: CompleteDraft, options: StartOptions): Promise<Batch> {
  const { name, skipsInvalid, idempotencyKey } = options;
  const request = requestOf(draft, {
    on_invalid_rows: skipsInvalid ? 'skip' : 'fail',
    ...(name === '' ? {} : { name }),
  });
  return answer(
    client.POST('/v1/batches', {
      ...request,
      params: { header: { 'idempotency-key': idempotencyKey } },
    }),
  );
}

type Options = Pick<PromptsBody, 'on_invalid_rows' | 'name'>;

interface BatchRequest {
  body: PromptsBody | TemplateBody;
  bodySerializer?: () => FormData;
}

function requestOf({ source, defaults, asDrafts }: CompleteDraft, options: Options): BatchRequest {
  const shared = { defaults, ...options, ...(asDrafts ? { as_drafts: true } : {}) };
  if (source.kind === 'prompts') return { body: { prompts: [...source.prompts], ...shared } };
  if (source.kind === 'template') {
    const { kind: _kind, ...template } = source;
    return { body: { ...template, ...shared } };
  }
  const { file, pictures, reading } = source;
  return {
    body: { prompts: [] }, // the form is sent in its place
    bodySerializer: () => {
      const form = new FormData();
      for (const [field, value] of Object.entries({ ...shared, ...reading }))
        form.append(field, typeof value === 'string' ? value : JSON.stringify(value));
      form.append('file', file);
      for (const picture of pictures) form.append('files', picture);
      return form;
    },
  };
}
