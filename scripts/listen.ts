/**
 * `npm run listen`: receives webhooks on this machine, verifies them and prints them. With
 * `-- --kiln http://127.0.0.1:8080` it registers itself there and removes itself when it ends; with
 * `-- --secret whsec_…` it verifies with that secret; with neither it explains how to register it.
 * `--port` (8787) is its port. Set `KILN_API_KEY` if the Kiln requires an API key.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { Webhook } from 'standardwebhooks';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    secret: { type: 'string' },
    kiln: { type: 'string' },
  },
});
const headers = {
  'content-type': 'application/json',
  ...(process.env.KILN_API_KEY !== undefined && {
    authorization: `Bearer ${process.env.KILN_API_KEY}`,
  }),
};
let secret = values.secret;

const server = createServer(async (request, response) => {
  const body = await text(request);
  const problem = verify(body, request.headers as Record<string, string>);
  response.writeHead(problem === null ? 204 : 400).end();
  const { type, data } = readEvent(body);
  console.log(
    `${problem ?? 'verified'}  ${String(request.headers['webhook-id'])}  ${type}  ${data}`,
  );
});
server.listen(Number(values.port), '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
console.log(`Listening at ${url}`);
if (values.kiln !== undefined) await register(values.kiln);
else if (secret === undefined) explain();

/** Returns null if a sender that knows the secret signed the request within five minutes. */
function verify(body: string, received: Record<string, string>): string | null {
  if (secret === undefined) return 'not verified (start with --secret)';
  try {
    new Webhook(secret).verify(body, received);
    return null;
  } catch (error) {
    return `refused (${error instanceof Error ? error.message : String(error)})`;
  }
}

function readEvent(body: string): { type: string; data: string } {
  try {
    const event = JSON.parse(body) as { type?: unknown; data?: unknown };
    return { type: String(event.type), data: JSON.stringify(event.data) };
  } catch {
    return { type: '(not JSON)', data: body.slice(0, 200) };
  }
}

async function register(kiln: string): Promise<void> {
  const endpoints = new URL('/v1/webhook_endpoints', kiln);
  const body = JSON.stringify({ url, description: 'npm run listen' });
  const response = await fetch(endpoints, { method: 'POST', headers, body });
  const answer = (await response.json()) as {
    id: string;
    secret: string;
    error?: { message: string };
  };
  if (!response.ok) {
    console.error(`Kiln refused to register ${url}: ${answer.error?.message}`);
    console.error(`Start Kiln with KILN_WEBHOOK_ALLOW=127.0.0.1:${values.port}`);
    process.exit(1);
  }
  secret = answer.secret;
  console.log(`Registered as ${answer.id}; Ctrl-C removes it`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void fetch(`${endpoints.href}/${answer.id}`, { method: 'DELETE', headers }).finally(() =>
        process.exit(),
      );
    });
  }
}

function explain(): void {
  console.log(`
Allow Kiln to send webhooks to this machine:
  KILN_WEBHOOK_ALLOW=127.0.0.1:${values.port} npm start
Then register this receiver, either with
  npm run listen -- --kiln http://127.0.0.1:8080
or by hand with
  curl http://127.0.0.1:8080/v1/webhook_endpoints -H 'content-type: application/json' \\
    -d '{"url": "${url}"}'
  npm run listen -- --secret <the secret from the answer>
`);
}
