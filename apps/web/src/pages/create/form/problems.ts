/** Puts each problem of the API at the field that it is about. */
import type { Validation } from '../draft/types.ts';

export interface Problems {
  /** The problems of a field, in one text. */
  of(...fields: string[]): string | undefined;
  /** Those about no field of the form. */
  others: string[];
}

const fieldsOfForm: readonly string[] = [
  'prompt',
  'model',
  'size',
  'n',
  'quality',
  'background',
  'output_format',
  'output_compression',
  'svg',
  'frame_count',
  'frame_duration_ms',
  'images',
  'mask',
  'markup',
  'composite',
  'input_fidelity',
  'moderation',
  'priority',
  'safety_identifier',
  'user',
  'webhook_url',
  'webhook_events',
  'metadata',
  'provider_options',
];

export function sortProblems(problems: Validation['problems']): Problems {
  const placed = problems.map(({ param, message }) => ({
    field: param?.split(/[.[]/)[0] ?? '',
    message,
  }));
  return {
    of: (...fields) => {
      const found = placed.filter(({ field }) => fields.includes(field));
      return found.length === 0 ? undefined : found.map(({ message }) => message).join(' ');
    },
    others: placed
      .filter(({ field }) => !fieldsOfForm.includes(field))
      .map(({ message }) => message),
  };
}
