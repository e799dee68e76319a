/** Reads a field of a request out of a form, where everything is text. */
import { KilnError } from '../errors.ts';
import { parseBoundedJson } from '../bounded-json.ts';
import type { RequestFields } from './request-field.ts';
import { requestFields } from './request-fields.ts';

/**
 * The value that the text of a field means. A text that cannot be read stays as it is, so that the
 * schema refuses it and says what the field takes. Throws `invalid_request` for JSON that exceeds a
 * limit.
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
      return readJson(name, text);
    default:
      return text;
  }
}

function readJson(name: string, text: string): unknown {
  const parsed = parseBoundedJson(text);
  switch (parsed.status) {
    case 'parsed':
      return parsed.value;
    case 'broken':
      return text;
    case 'excessive':
      throw new KilnError('invalid_request', `${name}: ${parsed.excess.message}`, { param: name });
  }
}
