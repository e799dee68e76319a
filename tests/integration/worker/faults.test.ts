/**
 * Every fault of the simulator: the end of the job, its attempts, and what the provider saw. Good
 * answers in unusual writing are in `spelled-answers.test.ts`.
 */
import type { Job } from '@kiln/shared/schemas/job';
import { describe, expect, test } from 'vitest';
import { spellings } from '../../../apps/simulator/src/faults/spellings.ts';
import { engines } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  callAttemptsOf,
  callsOf,
  blockedPoolOf,
  ledgerOf,
  spoolEmptied,
  unblock,
} from './support.ts';

/** How a job ended, in the words of the tables below. */
interface Course {
  /** The outcome and the code of every attempt. */
  attempts: string[];
  made: number;
  /** Calls whose cost is not known, at the job's own estimate. */
  atRisk: number;
  /** What the provider billed. */
  paid: number;
}

async function courseOf(kiln: TestKiln, job: Job): Promise<Course & { calls: number }> {
  const attempts = await callAttemptsOf(kiln, job.id);
  const calls = await callsOf(kiln, job.id);
  return {
    attempts: attempts.map(({ status, error }) =>
      error === null ? status : `${status} ${error.code}`,
    ),
    made: job.attempts.made,
    atRisk: Math.round(job.cost.at_risk / job.cost.estimated!),
    paid: calls.filter((call) => call.paid).length,
    calls: calls.length,
  };
}

const unknownThenDone = (code: string, paid: number): Course => ({
  attempts: [`unknown ${code}`, 'succeeded'],
  made: 2,
  atRisk: 1,
  paid: paid + 1,
});

/** The outcome cannot be known: one more call, and the cost counts as money at risk. */
const repeated: Record<string, Course> = {
  'server error': unknownThenDone('provider_error', 1),
  'bad gateway': unknownThenDone('provider_error', 1),
  'gateway timeout': unknownThenDone('provider_timeout', 1),
  'request timeout': unknownThenDone('provider_timeout', 1),
  'unavailable without a hint': unknownThenDone('provider_error', 0),
  hang: unknownThenDone('provider_timeout', 1),
  'slow-body': unknownThenDone('provider_timeout', 1),
  reset: unknownThenDone('connection_lost', 1),
  close: unknownThenDone('connection_lost', 1),
  'cut-answer': unknownThenDone('connection_lost', 1),
  // Answered without a picture and without a price: one more call, and the cost is at risk too.
  'no data': { attempts: ['unusable unusable_answer', 'succeeded'], made: 2, atRisk: 1, paid: 2 },
  'cut base64': {
    attempts: ['unusable unusable_answer', 'succeeded'],
    made: 2,
    atRisk: 1,
    paid: 2,
  },
  'page instead of JSON': {
    attempts: ['unusable unusable_answer', 'succeeded'],
    made: 2,
    atRisk: 1,
    paid: 2,
  },
  'provider too slow behind Cloudflare': unknownThenDone('provider_error', 0),
  'provider down behind Cloudflare': {
    attempts: ['refused connection_failed', 'succeeded'],
    made: 1,
    atRisk: 0,
    paid: 1,
  },
  delay: { attempts: ['succeeded'], made: 1, atRisk: 0, paid: 1 },
};

const refusedContent = {
  code: 'content_policy',
  moderation: { stage: null, categories: [] as string[] },
  param: null,
};

/** The request is refused: the job fails immediately, without another call. */
const rejected: Record<string, { code: string; moderation: unknown; param: string | null }> = {
  'azure filter, short form': {
    code: 'content_policy',
    moderation: { stage: null, categories: [] },
    param: null,
  },
  'azure filter, long form': {
    code: 'content_policy',
    moderation: { stage: null, categories: ['violence'] },
    param: null,
  },
  'azure filter, snake case': {
    code: 'content_policy',
    moderation: { stage: null, categories: [] },
    param: null,
  },
  'openai moderation': {
    code: 'content_policy',
    moderation: { stage: 'output', categories: ['violence'] },
    param: null,
  },
  'content safety of a gateway': refusedContent,
  'filter with status 403': refusedContent,
  'usage guidelines': refusedContent,
  'policy behind a 500': refusedContent,
  'policy in an answer 200': refusedContent,
  'filter in innererror': {
    ...refusedContent,
    moderation: { stage: null, categories: ['hate'] },
  },
  'error text in an answer 200': {
    code: 'provider_rejected_parameters',
    moderation: null,
    param: null,
  },
  'parameter in a FastAPI detail': {
    code: 'provider_rejected_parameters',
    moderation: null,
    param: 'size',
  },
  'content type refused': { code: 'provider_rejected_parameters', moderation: null, param: null },
  'unknown parameter': {
    code: 'provider_rejected_parameters',
    moderation: null,
    param: 'response_format',
  },
};

/**
 * The call was refused before it was executed: no attempt is spent, and the pool is blocked for at
 * least `blockMs`.
 */
const refused: Record<string, { code: string; blockMs: number }> = {
  'azure quota': { code: 'rate_limited', blockMs: 9_000 },
  'azure quota, hint in the text only': { code: 'rate_limited', blockMs: 86_400_000 },
  'quota, hint as a date': { code: 'rate_limited', blockMs: 29_000 },
  'azure capacity': { code: 'rate_limited', blockMs: 5_000 },
  'unavailable with a hint': { code: 'provider_unavailable', blockMs: 5_000 },
  'call quota with status 403': { code: 'rate_limited', blockMs: 8_000 },
  'gateway rate limit, hint in the text': { code: 'rate_limited', blockMs: 8_000 },
  'quota, hint of zero beside a real one': { code: 'rate_limited', blockMs: 20_000 },
  'payment required': { code: 'pool_paused_billing', blockMs: 60_000 },
  'openai quota used up': { code: 'pool_paused_billing', blockMs: 60_000 },
  'openai billing limit': { code: 'pool_paused_billing', blockMs: 60_000 },
  'wrong key': { code: 'pool_paused_auth', blockMs: 60_000 },
  'deployment missing': { code: 'pool_paused_deployment', blockMs: 60_000 },
  'resource blocked, not the prompt': { code: 'pool_paused_blocked', blockMs: 60_000 },
};

/**
 * The answer does not say whose the refusal is: the job waits for another one, the pool is open.
 */
const unclear: Record<string, string> = {
  'page of a firewall': 'pool_paused_auth',
  'firewall, not acceptable': 'pool_paused_deployment',
  'method not allowed': 'pool_paused_deployment',
  gone: 'pool_paused_deployment',
  'media type refused': 'pool_paused_deployment',
  'legal reasons': 'pool_paused_blocked',
  'operation not supported': 'pool_paused_deployment',
};

/**
 * These faults have their own tests: their block is too short to assert, or they cannot be ordered
 * for a prompt.
 */
const apart = [
  'azure quota, hint in milliseconds',
  'reset-before-read',
  'model unknown',
  'organisation not verified',
];

const kilns = await Promise.all(
  engines.map(async (engine) => ({
    name: engine.name,
    kiln: await startKiln({ engine, env: { KILN_CALL_TIMEOUT_MS: '10000' } }),
  })),
);

// The engines are tested side by side, because most of the time goes into waiting; the tests of one
// engine run one after the other, because they block its pool.
describe.concurrent.each(kilns)('on $name', ({ kiln }) => {
  describe('one fault after the other', { concurrent: false }, () => {
    async function submitWith(fault: string): Promise<Job> {
      const prompt = `a picture that meets <${fault}>`;
      await kiln.control('POST', 'faults', {
        fault,
        prompt_contains: `<${fault}>`,
        delay_ms: fault === 'delay' ? 300 : 0,
      });
      return kiln.submit({ prompt });
    }

    test('the tables have every fault of the catalogue', async () => {
      const { known } = await kiln.control<{ known: { name: string }[] }>('GET', 'faults');
      const tables = [repeated, rejected, refused, unclear, spellings].flatMap((table) =>
        Object.keys(table),
      );
      expect([...tables, ...apart].toSorted()).toEqual(known.map(({ name }) => name).toSorted());
    });

    test('unknown and unusable outcomes: one more call, and the cost is at risk', async () => {
      const names = Object.keys(repeated);
      const submitted = await Promise.all(names.map(submitWith));
      const ended = await Promise.all(submitted.map(({ id }) => kiln.ended(id)));
      const courses = await Promise.all(ended.map((job) => courseOf(kiln, job)));
      expect(ended.map(({ status }) => status)).toEqual(names.map(() => 'succeeded'));
      expect(Object.fromEntries(names.map((name, index) => [name, courses[index]]))).toEqual(
        Object.fromEntries(
          names.map((name) => [
            name,
            { ...repeated[name], calls: repeated[name]!.attempts.length },
          ]),
        ),
      );
    });

    test.each(Object.entries(rejected))(
      '%s: the job fails, without another call',
      async (name, { code, moderation, param }) => {
        const job = await kiln.ended((await submitWith(name)).id);
        expect(job).toMatchObject({
          status: 'failed',
          error: { code, moderation, param },
          images: [],
        });
        expect(await courseOf(kiln, job)).toEqual({
          attempts: [`rejected ${code}`],
          made: 1,
          atRisk: 0,
          paid: 0,
          calls: 1,
        });
      },
    );

    test.each(Object.entries(refused))(
      '%s: the pool is blocked, the job waits',
      async (name, { code, blockMs }) => {
        const nowMs = Date.now();
        const { id } = await submitWith(name);
        await ledgerOf(kiln, '?in_flight=0&wait_ms=250000');
        const pool = await blockedPoolOf(kiln);
        expect(pool.blocked_reason).toBe(code);
        expect(pool.blocked_until! * 1000).toBeGreaterThanOrEqual(nowMs + blockMs - 500);
        const job = await kiln.ended(id, ['queued']);
        expect(await courseOf(kiln, job)).toEqual({
          attempts: [`refused ${code}`],
          made: 0,
          atRisk: 0,
          paid: 0,
          calls: 1,
        });
        expect(job.error).toBeNull();

        await kiln.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });
        await kiln.ended(id, ['cancelled']);
        await unblock(kiln);
      },
    );

    test.each(Object.entries(unclear))(
      '%s: the job waits for another one to be tried',
      async (name, code) => {
        const { id } = await submitWith(name);
        const job = await waitFor(
          async () =>
            (({ read }) => read.queue?.reason === 'refused' && read)({ read: await kiln.read(id) }),
          { what: 'the job to wait' },
        );
        expect(job.queue).toMatchObject({ reason: 'refused', because: { code, job_id: id } });
        expect(await courseOf(kiln, job)).toMatchObject({
          attempts: [`refused ${code}`],
          calls: 1,
        });
        const { data } = (await (await kiln.request('/v1/pools')).json()) as {
          data: { status: string }[];
        };
        expect(data[0]?.status).toBe('open');
        await kiln.request(`/v1/jobs/${id}/cancel`, { method: 'POST' });
        await kiln.ended(id, ['cancelled']);
        await unblock(kiln);
      },
    );

    test('a 429 with a hint in milliseconds: the job is called for again after it', async () => {
      const { id } = await submitWith('azure quota, hint in milliseconds');
      const job = await kiln.ended(id);
      expect(await courseOf(kiln, job)).toEqual({
        attempts: ['refused rate_limited', 'succeeded'],
        made: 1,
        atRisk: 0,
        paid: 1,
        calls: 2,
      });
      const [first, second] = await callsOf(kiln, id);
      expect(second!.received_at - first!.finished_at).toBeGreaterThanOrEqual(1_500);
    });

    test('a connection reset while the request is written', async () => {
      await kiln.control('POST', 'faults', { fault: 'reset-before-read' });
      const job = await kiln.ended((await kiln.submit({ prompt: 'x'.repeat(32_000) })).id);
      const { attempts, ...course } = await courseOf(kiln, job);
      // The sockets decide how much of the request was written; both cases must end well.
      const isUnknown = attempts[0]!.startsWith('unknown');
      expect(attempts).toEqual([
        isUnknown ? 'unknown connection_lost' : 'refused connection_failed',
        'succeeded',
      ]);
      expect(course).toEqual({
        made: isUnknown ? 2 : 1,
        atRisk: isUnknown ? 1 : 0,
        paid: 1,
        calls: 2,
      });
    });

    test('no spooled answer and no attempt in flight is left behind', async () => {
      await spoolEmptied(kiln);
      const { rows } = await kiln.deps.records.pool.query(
        "select * from kiln.attempts where status = 'in_flight'",
      );
      expect(rows).toEqual([]);
    });
  });
});
