/** A batch as it is put together on the page, and the requests that check it and start it. */
import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { client } from '../../../api/client.ts';
import type { Batch, BatchValidation } from '../api.ts';

type PromptsInput = components['schemas']['BatchOfPromptsInput'];
export type Defaults = Pick<
  NonNullable<PromptsInput['defaults']>,
  'model' | 'size' | 'quality' | 'output_format'
>;

/** Either a file with the pictures that its rows name, or prompts. */
export interface Draft {
  file: File | null;
  pictures: readonly File[];
  prompts: readonly string[];
  defaults: Defaults;
}

/** Rows with mistakes are counted apart, so that the rest has its cost whatever becomes of them. */
export async function checkDraft(draft: Draft, signal: AbortSignal): Promise<BatchValidation> {
  const request = requestOf(draft, { on_invalid_rows: 'skip' });
  return answer(client.POST('/v1/batches/validate', { ...request, signal }));
}

export interface StartOptions {
  name: string;
  skipsInvalid: boolean;
  /** The same key for the same press: a repeated request starts nothing twice. */
  idempotencyKey: string;
}

export async function startDraft(draft: Draft, options: StartOptions): Promise<Batch> {
  const { name, skipsInvalid, idempotencyKey } = options;
  const request = requestOf(draft, {
    on_invalid_rows: skipsInvalid ? 'skip' : 'fail',
    ...(name === '' ? {} : { metadata: { name } }),
  });
  return answer(
    client.POST('/v1/batches', {
      ...request,
      params: { header: { 'idempotency-key': idempotencyKey } },
    }),
  );
}

type Options = Pick<PromptsInput, 'on_invalid_rows' | 'metadata'>;

function requestOf(
  { file, pictures, prompts, defaults }: Draft,
  options: Options,
): { body: PromptsInput; bodySerializer?: () => FormData } {
  const body = { prompts: [...prompts], defaults, ...options };
  if (file === null) return { body };
  return {
    body,
    bodySerializer: () => {
      const form = new FormData();
      for (const [field, value] of Object.entries({ defaults, ...options }))
        form.append(field, typeof value === 'string' ? value : JSON.stringify(value));
      form.append('file', file);
      for (const picture of pictures) form.append('files', picture);
      return form;
    },
  };
}

/** One prompt a line, or blocks between lines of `---`. Empty ones are left out. */
export function splitPrompts(text: string): string[] {
  const separator = /^---+[ \t]*$/m;
  const parts = separator.test(text) ? text.split(/^---+[ \t]*$/m) : text.split(/\r?\n/);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** Also where `crypto.randomUUID` is missing: on pages without https. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `studio-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
