/**
 * Builds the multipart form of an edit as one Blob. The picture bytes stay on disk until they are
 * sent, and the length is known, so the provider client can report when the last byte was sent.
 * Fields and names are those of the official SDK, whose own form holds everything in memory.
 */
import { randomUUID } from 'node:crypto';
import { requestFields } from '../schemas/request-fields.ts';

/** A source picture, with its bytes as uploaded. */
export interface SourceFile {
  bytes: Blob;
  contentType: 'image/png' | 'image/jpeg' | 'image/webp';
  /** Null for a file whose picture an earlier release did not check. */
  size?: { width: number; height: number } | null;
}

export interface EditSources {
  images: readonly SourceFile[];
  mask: SourceFile | null;
  markup: SourceFile | null;
}

/** @param parameters fields of the request; unset ones are left out */
export function buildEditForm(
  parameters: Readonly<Record<string, unknown>>,
  sources: EditSources,
): Blob {
  const boundary = `kiln-${randomUUID()}`;
  const open = (disposition: string, type: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n${type}\r\n`;
  const parts: (string | Blob)[] = [];
  for (const [name, text] of Object.entries(parameters).flatMap(listFields))
    parts.push(open(`name="${escapeName(name)}"`, ''), text, '\r\n');
  for (const { field, name, file } of listFiles(sources)) {
    const filename = `${name}.${file.contentType.slice('image/'.length)}`;
    const type = `content-type: ${file.contentType}\r\n`;
    parts.push(open(`name="${field}"; filename="${filename}"`, type), file.bytes, '\r\n');
  }
  parts.push(`--${boundary}--\r\n`);
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}

/** The official SDK writes `{ a: { b: 1 } }` as `a[b]`, and each element of a list as `a[]`. */
function listFields([name, value]: [string, unknown]): [name: string, text: string][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value))
    return value.flatMap((element: unknown) => listFields([`${name}[]`, element]));
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([key, member]) =>
      listFields([`${name}[${key}]`, member]),
    );
  return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
}

function listFiles({ images, mask, markup }: EditSources) {
  const [single, several] = requestFields.images.formNames;
  const field = images.length === 1 ? single : several;
  return [
    ...images.map((file, index) => ({ field, name: `image-${index + 1}`, file })),
    ...(mask === null ? [] : [{ field: 'mask', name: 'mask', file: mask }]),
    ...(markup === null ? [] : [{ field: 'markup', name: 'markup', file: markup }]),
  ];
}

/** Escapes a name as browsers do (HTML, multipart/form-data encoding algorithm). */
function escapeName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
