/**
 * Odd requests at the door: names, numbers, forms and heads that no client of ours sends. None of
 * them is an error of Kiln, and none leaves a query in the log.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { errorBodySchema } from '@kiln/shared/schemas/api';
import { describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { boundary, openUpload, post, toBody } from '../form.ts';
import { engineNamed, readError } from '../support.ts';

const written: string[] = [];
const kiln = await startKiln({
  engine: engineNamed('postgres'),
  workers: false,
  logTo: { write: (line) => void written.push(line) },
});
const { hostname, port } = new URL(kiln.url);

/** Sends a head as it is, and reads the answer to its end. */
async function send(...head: string[]): Promise<{ status: number; body: unknown }> {
  const socket = connect(Number(port), hostname);
  socket.write(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n`);
  const answer = await text(socket);
  const [start = '', body = ''] = answer.split('\r\n\r\n', 2);
  const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
  expect(start).toMatch(/\r\nx-request-id: req_/i);
  return { status: Number(start.split(' ')[1]), body: JSON.parse(json) as unknown };
}

const host = `host: ${hostname}`;

describe('what Node would answer with an empty body has the body of every error', () => {
  test.each<[string, number, string[]]>([
    ['a request without Host', 400, ['GET /v1/jobs HTTP/1.1']],
    ['a request with two of Host', 400, ['GET /v1/jobs HTTP/1.1', host, 'Host: evil.example']],
    ['an unknown Expect', 417, ['GET /v1/jobs HTTP/1.1', host, 'expect: a-miracle']],
    ['a head that is no HTTP', 400, ['hello']],
  ])('%s', async (_what, status, head) => {
    const answer = await send(...head);
    expect(answer.status).toBe(status);
    expect(errorBodySchema.safeParse(answer.body).success).toBe(true);
  });

  test('HTTP/1.0 needs no Host', async () => {
    expect((await send('GET /v1/pools HTTP/1.0')).status).toBe(200);
  });
});

test.each(['/docs/static/../../x', '/docs/static/..%2f..%2fx', '/docs/static/none', '/docs/../x'])(
  '%s is a path that does not exist',
  async (path) => {
    const { status, body } = await send(`GET ${path} HTTP/1.1`, host);
    expect([status, body]).toEqual([
      404,
      { error: expect.objectContaining({ code: 'route_not_found' }) as unknown },
    ]);
  },
);

test.each([
  '/v1/jobs?limit=0x10',
  '/v1/jobs?limit=1e1',
  '/v1/jobs?limit=',
  '/v1/jobs?limit=%207',
  '/v1/jobs?limit=5.0',
  '/v1/jobs?created_after=0x10',
  '/v1/files?limit=0x10',
  '/v1/events?limit=0x10',
  '/v1/jobs/job_1/images/0x0',
  '/v1/jobs/job_1/images/',
  '/v1/jobs/job_1/images/1.0',
])('%s holds no number', async (path) => {
  const response = await kiln.request(path, { headers: { accept: 'application/json' } });
  expect([400, 404]).toContain(response.status);
  if (response.status === 400) expect((await readError(response)).code).toBe('invalid_request');
});

describe('__proto__ is refused as a name', () => {
  test.each([
    ['of a field', '{"prompt":"a","__proto__":{"n":2}}'],
    ['written with an escape', '{"prompt":"a","\\u005f_proto__":{"n":2}}'],
    ['of metadata', '{"prompt":"a","metadata":{"__proto__":"x"}}'],
    ['of an option', '{"prompt":"a","provider_options":{"__proto__":1}}'],
  ])('%s', async (_what, body) => {
    const headers = { 'content-type': 'application/json' };
    const response = await kiln.request('/v1/jobs', { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect((await readError(response)).message).toContain('__proto__');
  });

  test('in a prompt it is text', async () => {
    const { request } = await kiln.submit({
      prompt: '"__proto__": x',
      metadata: { a: '__proto__' },
    });
    expect(request).toMatchObject({ prompt: '"__proto__": x' });
  });

  test.each(['__proto__', 'metadata[__proto__]'])('of the field %s of a form', async (name) => {
    const form = new FormData();
    form.set('file', new Blob(['prompt\na\n']), 'a.csv');
    form.set(name, 'x');
    const response = await kiln.request('/v1/batches', { method: 'POST', body: form });
    expect((await readError(response)).status).toBe(400);
  });

  test('of a column', async () => {
    const response = await kiln.request('/v1/batches/validate', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'prompt,__proto__\na,b\n',
    });
    expect(await response.json()).toMatchObject({ accepted: false });
  });
});

describe('a form is UTF-8, or refused', () => {
  const latin1 = Buffer.from('M\xe4dchen', 'latin1');
  const purpose = (value: string | Buffer, headers?: string): [string, string | Buffer, string?] =>
    headers === undefined ? ['name="purpose"', value] : ['name="purpose"', value, headers];

  test.each<[string, Buffer]>([
    ['a field', toBody([purpose(latin1)])],
    [
      'a field that names another charset',
      toBody([purpose(latin1, 'content-type: text/plain; charset=iso-8859-1')]),
    ],
    [
      'a field that says that it is UTF-8',
      toBody([purpose(latin1, 'content-type: text/plain; charset=utf-8')]),
    ],
    [
      'the name of a file',
      Buffer.concat([
        Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="`),
        latin1,
        Buffer.from(`.csv"\r\n\r\nprompt\r\n--${boundary}--\r\n`),
      ]),
    ],
  ])('%s', async (_what, body) => {
    const error = await readError(await post(kiln, body));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(error.message).toContain('not UTF-8');
  });

  test('broken bytes of a prompt reach no provider', async () => {
    const body = toBody([
      ['name="prompt"', latin1],
      ['name="image"; filename="a.png"', 'x'],
    ]);
    const response = await kiln.request('/v1/images/edits', {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body,
    });
    expect(await readError(response)).toMatchObject({ status: 400, param: 'prompt' });
  });

  test('a field that says truly that it is UTF-8 is read', async () => {
    const body = toBody([purpose('Mädchen', 'content-type: text/plain; charset=utf-8')]);
    expect((await readError(await post(kiln, body))).message).toContain('"Mädchen"');
  });
});

test('a log line has the path of a request without its query', async () => {
  await kiln.request('/v1/jobs?q=a-secret-prompt&limit=1');
  await kiln.request('/v1/nothing?q=a-secret-prompt');
  const lines = await waitFor(
    () => {
      const found = written.filter((line) => line.includes('"url":"/v1/'));
      return found.length >= 2 && found;
    },
    { what: 'the requests to be logged' },
  );
  expect(lines.join('')).toContain('"url":"/v1/jobs"');
  expect(written.join('')).not.toContain('a-secret-prompt');
});

test('a caller that hangs up leaves no error in the log', async () => {
  const table = connect(Number(port), hostname);
  table.write(
    `POST /v1/batches HTTP/1.1\r\n${host}\r\ncontent-type: text/csv\r\n` +
      'content-length: 1000\r\n\r\nprompt',
  );
  const json = connect(Number(port), hostname);
  json.write(
    `POST /v1/jobs HTTP/1.1\r\n${host}\r\ncontent-type: application/json\r\n` +
      'content-length: 1000\r\n\r\n{',
  );
  const form = openUpload(kiln, 1_000);
  form.write(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n`);
  const events = connect(Number(port), hostname);
  events.write(`GET /v1/events HTTP/1.1\r\n${host}\r\naccept: text/event-stream\r\n\r\n`);
  await once(events, 'data');
  const seen = () => written.filter((line) => line.includes('incoming request')).length;
  const before = seen();
  for (const socket of [table, json, form, events]) socket.destroy();
  await kiln.request('/v1/pools');
  await waitFor(() => seen() > before, { what: 'the last request to be logged' });
  // Each of the three interrupted requests has ended in the log.
  await waitFor(() => written.filter((line) => /hung up|refused/.test(line)).length >= 3, {
    what: 'the interrupted requests to end',
  });
  expect(written.filter((line) => /"level":(50|60)/.test(line))).toEqual([]);
});
