/** Reads a field of a request out of a form, where everything is text. */
import type { RequestFields } from './request-field.ts';
import { requestFields } from './request-fields.ts';

/**
 * The value that the text of a field means. A text that cannot be read stays as it is, so that the
 * schema refuses it and says what the field takes.
 */
export function readFieldText(
  name: string,
  text: string,
  fields: RequestFields = requestFields,
): unknown {
  switch (fields[name]?.text) {
    case 'number':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'json':
      return readJson(text);
    default:
      return text;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
