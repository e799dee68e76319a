/** API calls and waits that the tests of webhooks share. */
import type {
  Delivery,
  DeliveryWithLog,
  Endpoint,
  EndpointWithSecret,
} from '@kiln/shared/schemas/webhook';
import type { TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Allows loopback addresses and shortens a minute of the schedule to 10 ms. */
export const webhookEnv = {
  KILN_WEBHOOK_ALLOW: '127.0.0.0/8',
  KILN_WEBHOOK_MINUTE_MS: '10',
  LOG_LEVEL: 'warn',
};

interface ApiAnswer<T> {
  status: number;
  body: T;
  headers: Headers;
}

export async function call<T>(
  kiln: Pick<TestKiln, 'request'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer<T>> {
  const response = await kiln.request(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
  });
  return { status: response.status, body: (await response.json()) as T, headers: response.headers };
}

/** Resolves with the body of the answer. Throws for status 300 and above. */
export async function ask<T>(
  kiln: Pick<TestKiln, 'request'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await call<T>(kiln, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export function createEndpoint(
  kiln: Pick<TestKiln, 'request'>,
  url: string,
  events?: string[],
): Promise<EndpointWithSecret> {
  return ask(kiln, 'POST', '/v1/webhook_endpoints', {
    url,
    ...(events !== undefined && { events }),
  });
}

export function readEndpoint(kiln: Pick<TestKiln, 'request'>, id: string): Promise<Endpoint> {
  return ask(kiln, 'GET', `/v1/webhook_endpoints/${id}`);
}

export async function deliveriesOf(
  kiln: Pick<TestKiln, 'request'>,
  query: string,
): Promise<Delivery[]> {
  return (await ask<{ data: Delivery[] }>(kiln, 'GET', `/v1/deliveries?limit=100&${query}`)).data;
}

/** Waits until a delivery has this status and at least this number of tries. */
export function deliveryIs(
  kiln: Pick<TestKiln, 'request'>,
  id: string,
  expected: { status?: Delivery['status']; tries?: number },
): Promise<DeliveryWithLog> {
  return waitFor(
    async () => {
      const delivery = await ask<DeliveryWithLog>(kiln, 'GET', `/v1/deliveries/${id}`);
      const { status = delivery.status, tries = 0 } = expected;
      return delivery.status === status && delivery.tries.made >= tries && delivery;
    },
    { what: `delivery ${id} to be ${JSON.stringify(expected)}` },
  );
}

/** Waits for the first delivery to an endpoint and then for its state. */
export async function onlyDelivery(
  kiln: Pick<TestKiln, 'request'>,
  endpointId: string,
  expected: { status?: Delivery['status']; tries?: number },
): Promise<DeliveryWithLog> {
  const [first] = await waitFor(
    async () => {
      const all = await deliveriesOf(kiln, `endpoint_id=${endpointId}`);
      return all.length > 0 && all;
    },
    { what: 'a delivery' },
  );
  return deliveryIs(kiln, first?.id ?? '', expected);
}
