/**
 * The form of an edit as the official SDK writes it: text fields for parameters; `image` or
 * `image[]`, `mask` and `markup` for pictures.
 */
import { isBody, type Body } from '../parameters/body.ts';
import { inspectUpload, type Upload, type Uploads } from './upload.ts';

export interface EditForm {
  /** The parameters, in the types JSON would give them. */
  body: Body;
  uploads: Uploads;
}

const numbers = ['n', 'output_compression', 'partial_images', 'frame_count', 'frame_duration_ms'];
const booleans: Readonly<Record<string, boolean>> = { true: true, false: false };

/** Returns null when the bytes are not a form. */
export async function readEditForm(bytes: Buffer, contentType: string): Promise<EditForm | null> {
  let form: FormData;
  try {
    const response = new Response(new Uint8Array(bytes), {
      headers: { 'content-type': contentType },
    });
    // The body is already in memory, and the parser must differ from the one Kiln sends with.
    // oxlint-disable-next-line typescript/no-deprecated
    form = await response.formData();
  } catch {
    return null;
  }
  const body: Record<string, unknown> = {};
  const uploads: Upload[] = [];
  for (const [field, value] of form) {
    if (typeof value === 'string') setParameter(body, field, value);
    else
      uploads.push(
        await inspectUpload(field, value.name, value.type, Buffer.from(await value.arrayBuffer())),
      );
  }
  const named = (...fields: string[]) => uploads.filter(({ field }) => fields.includes(field));
  const known = named('image', 'image[]', 'mask', 'markup');
  // A picture in an unknown field is reported like any other unknown parameter.
  for (const { field } of uploads.filter((upload) => !known.includes(upload))) body[field] = '';
  return {
    body,
    uploads: {
      images: named('image', 'image[]'),
      mask: named('mask')[0] ?? null,
      markup: named('markup')[0] ?? null,
    },
  };
}

/** `svg[reasoning][effort]` is a member of a member of the object `svg`. */
function setParameter(body: Record<string, unknown>, field: string, text: string): void {
  const [name = field, ...path] = field.replaceAll(']', '').split('[');
  if (name !== 'svg' || path.length === 0) {
    body[field] = toParameter(field, text);
    return;
  }
  let target = body;
  let key = name;
  for (const step of path) {
    const known = Object.hasOwn(target, key) ? target[key] : null;
    const member: Record<string, unknown> = isBody(known) ? known : {};
    target[key] = member;
    [target, key] = [member, step];
  }
  target[key] = text;
}

function toParameter(field: string, text: string): unknown {
  if (numbers.includes(field) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (field === 'stream') return booleans[text] ?? text;
  return text;
}
