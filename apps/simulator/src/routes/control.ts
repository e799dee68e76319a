/**
 * Control routes for tests and people. A real provider has none of them; `README.md` describes
 * them.
 */
import type { FastifyInstance } from 'fastify';
import { faults } from '../faults/catalogue.ts';
import { parseFaultOrder, toWireOrder } from '../faults/order.ts';
import { parseSettings, SettingsError, toWireSettings } from '../settings.ts';
import { readQuotaLimits, resetSimulator, type Simulator } from '../simulator.ts';
import { parseLedgerQuery, type LedgerQuery } from './ledger-query.ts';

export async function registerControlRoutes(
  app: FastifyInstance,
  simulator: Simulator,
): Promise<void> {
  const { plan, gate, ledger } = simulator;

  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error instanceof SettingsError ? 400 : (error.statusCode ?? 500);
    if (status >= 500) request.log.error({ err: error }, 'control request failed');
    return reply.code(status).send({ error: { message: error.message } });
  });

  app.get('/_control/settings', async () => toWireSettings(simulator.settings));
  app.patch('/_control/settings', (request) => {
    simulator.settings = parseSettings(request.body, simulator.settings);
    if (!simulator.settings.gate) gate.release();
    return toWireSettings(simulator.settings);
  });

  app.get('/_control/faults', async () => ({
    known: [...faults.values()].map(({ name, strikes, paid }) => ({ name, strikes, paid })),
    queued: plan.list().map(toWireOrder),
  }));
  app.post('/_control/faults', async (request, reply) => {
    const order = parseFaultOrder(request.body);
    plan.add(order);
    return reply.code(201).send(toWireOrder(order));
  });
  app.delete('/_control/faults', async (_request, reply) => {
    plan.clear();
    return reply.code(204).send();
  });

  app.post<{ Querystring: { count?: string; prompt_contains?: string } }>(
    '/_control/release',
    async ({ query: { count, prompt_contains: promptContains } }) => ({
      released: gate.release(count === undefined ? undefined : Number(count), promptContains),
    }),
  );

  app.get('/_control/ledger', ({ query }) => showLedger(parseLedgerQuery(query), simulator));
  app.delete('/_control/ledger', async (_request, reply) => {
    await ledger.clear();
    return reply.code(204).send();
  });

  app.post('/_control/reset', async (_request, reply) => {
    await resetSimulator(simulator);
    return reply.code(204).send();
  });
}

async function showLedger(
  { after, limit, waitMs, isReached }: LedgerQuery,
  { ledger, settings, closing }: Simulator,
) {
  const signal = AbortSignal.any([AbortSignal.timeout(waitMs), closing]);
  const reached = await ledger.waitFor(() => isReached(ledger.tally()), signal);
  const entries = ledger
    .entries()
    .filter(({ seq }) => seq > after)
    .slice(0, limit);
  const counters = { ...ledger.tally(), ...ledger.measureSpacing(readQuotaLimits(settings)) };
  return { reached, counters, entries };
}
