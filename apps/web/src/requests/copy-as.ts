/**
 * A job as something to run elsewhere: with curl, in TypeScript or Python, or as a row of a CSV.
 */
import { baseUrl } from '../app/base-path.ts';
import { session } from '../api/session.ts';
import type { JobRequest } from './types.ts';

export const languages = ['curl', 'TypeScript', 'Python', 'CSV'] as const;
export type Language = (typeof languages)[number];

export function copyAs(language: Language, request: JobRequest): string {
  switch (language) {
    case 'curl':
      return asCurl(request);
    case 'TypeScript':
      return asTypeScript(request);
    case 'Python':
      return asPython(request);
    case 'CSV':
      return asCsv(request);
  }
}

const address = `${baseUrl}v1/jobs`;

function needsKey(): boolean {
  return session.get() === 'signed-in';
}

function asCurl(request: JobRequest): string {
  const json = JSON.stringify(request, null, 2).replaceAll("'", String.raw`'\''`);
  const key = needsKey() ? ` \\\n  -H "authorization: Bearer $KILN_API_KEY"` : '';
  return `curl -s ${address} -H 'content-type: application/json'${key} \\\n  -d '${json}'\n`;
}

function asTypeScript(request: JobRequest): string {
  const key = needsKey() ? ['    authorization: `Bearer ${process.env.KILN_API_KEY}`,'] : [];
  return [
    `const response = await fetch(${JSON.stringify(address)}, {`,
    `  method: 'POST',`,
    '  headers: {',
    `    'content-type': 'application/json',`,
    `    prefer: 'wait=60',`,
    ...key,
    '  },',
    `  body: JSON.stringify(${indent(JSON.stringify(request, null, 2), '  ')}),`,
    '});',
    'const job = await response.json();',
    'console.log(job.status, job.images.map(({ url }) => url));',
    '',
  ].join('\n');
}

function asPython(request: JobRequest): string {
  const key = needsKey()
    ? ['        "authorization": "Bearer " + os.environ["KILN_API_KEY"],']
    : [];
  return [
    ...(needsKey() ? ['import os', ''] : []),
    'import httpx',
    '',
    'response = httpx.post(',
    `    ${JSON.stringify(address)},`,
    '    headers={',
    '        "prefer": "wait=60",',
    ...key,
    '    },',
    `    json=${indent(toPython(request), '    ')},`,
    '    timeout=90,',
    ')',
    'job = response.json()',
    'print(job["status"], [image["url"] for image in job["images"]])',
    '',
  ].join('\n');
}

function indent(text: string, by: string): string {
  return text.replaceAll('\n', `\n${by}`);
}

/** JSON in Python's words: strings are the same, and the three constants have other names. */
function toPython(value: unknown, depth = 0): string {
  const inner = '    '.repeat(depth + 1);
  const outer = '    '.repeat(depth);
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map((each) => toPython(each, depth)).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const lines = Object.entries(value).map(
    ([name, each]) => `${inner}${JSON.stringify(name)}: ${toPython(each, depth + 1)},\n`,
  );
  return `{\n${lines.join('')}${outer}}`;
}

/** Columns that a CSV has; pictures are file ids, several in one cell. */
function asCsv(request: JobRequest): string {
  const { images, mask, metadata = {}, ...rest } = request;
  const cells = new Map<string, string>();
  for (const [name, value] of Object.entries(rest))
    if (typeof value === 'string' || typeof value === 'number') cells.set(name, String(value));
  for (const name of withoutColumn) cells.delete(name);
  const ids = (images ?? []).flatMap(({ file_id: id }) => id ?? []);
  if (ids.length > 0) cells.set('image', ids.join(imageSeparator));
  if (mask?.file_id !== undefined) cells.set('mask', mask.file_id);
  for (const [name, value] of Object.entries(metadata)) cells.set(name, value);
  const line = (all: Iterable<string>): string => `${[...all].map(quoted).join(',')}\r\n`;
  return line(cells.keys()) + line(cells.values());
}

/** A cell under one of these names would become metadata of the row. */
const withoutColumn = [
  'input_fidelity',
  'priority',
  'safety_identifier',
  'user',
  'webhook_url',
] as const;

const imageSeparator = '|';

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
