/** Every response in `tests/data/provider-faults.json`, which were seen on the wire. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  classifyFault,
  type Fault,
  type ProviderAnswer,
} from '../../../../packages/shared/src/provider/faults/classify-fault.ts';
import { classifyAnsweredError } from '../../../../packages/shared/src/provider/faults/classify-event.ts';
import { parseJson } from '../../../../packages/shared/src/provider/answer/parse-json.ts';
import { readImages } from '../../../../packages/shared/src/provider/answer/read-images.ts';
import { decodeBase64 } from '../../../../packages/shared/src/provider/answer/base64-decoder.ts';
import tableJson from '../../../data/provider-faults.json' with { type: 'json' };

const tableSchema = z.object({
  cases: z.array(
    z.strictObject({
      name: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      body: z.unknown(),
      class: z.enum(['refused', 'rejected', 'unknown', 'unusable']),
      wait_ms: z.int().nullable().optional(),
      pool: z.literal('pause').optional(),
      owner: z.enum(['model', 'call']).optional(),
      moderation: z.literal(true).optional(),
      stage: z.string().optional(),
      categories: z.array(z.string()).optional(),
    }),
  ),
  network: z.array(z.strictObject({ name: z.string(), class: z.enum(['refused', 'unknown']) })),
});

const table = tableSchema.parse(tableJson);
const nowMs = Date.parse('2026-11-21T12:00:00Z');
const inThirtySeconds = new Date(nowMs + 30_000).toUTCString();

/** The fields of a fault that the table gives. */
function summaryOf(fault: Fault) {
  return {
    class: fault.class,
    waitMs: fault.class === 'refused' ? fault.waitMs : null,
    owner: fault.class === 'refused' ? fault.owner : null,
    moderation: fault.class === 'rejected' ? fault.moderation : null,
  };
}

describe('an answer over HTTP', () => {
  test.each(table.cases)('$name', (expected) => {
    const headers = Object.fromEntries(
      Object.entries(expected.headers).map(([name, value]) => [
        name,
        value === '<HTTP date 30 s ahead>' ? inThirtySeconds : value,
      ]),
    );
    const { status, body } = expected;
    const owner = expected.pool === 'pause' ? 'deployment' : (expected.owner ?? 'pool');
    const fault =
      status === 200 && expected.class !== 'unusable'
        ? classifyAnsweredError(body, headers, nowMs)
        : classifyFault({ kind: 'http', status, headers, body }, nowMs);
    expect(summaryOf(fault)).toEqual({
      class: expected.class,
      waitMs: expected.wait_ms ?? null,
      owner: expected.class === 'refused' ? owner : null,
      moderation: expected.moderation
        ? { stage: expected.stage ?? null, categories: expected.categories ?? [] }
        : null,
    });
  });

  test.each(table.cases.filter(({ class: kind }) => kind === 'unusable'))(
    'no image is read from: $name',
    async ({ body }) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const source = {
        take: decodeBase64,
        fetchPicture: async () => ({ status: 'missing', reason: 'none is fetched' }) as const,
      };
      expect(await readImages(parseJson(text), source)).toMatchObject({
        status: 'unusable',
        usage: null,
      });
    },
  );
});

/** The table describes network failures in words; these are the answers they stand for. */
const networkAnswers: Record<string, ProviderAnswer[]> = {
  'name not found, connection refused, TLS failure': [
    {
      kind: 'network',
      phase: 'before_request_written',
      code: 'ENOTFOUND',
      message: 'getaddrinfo ENOTFOUND',
    },
    {
      kind: 'network',
      phase: 'before_request_written',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED',
    },
    {
      kind: 'network',
      phase: 'before_request_written',
      code: 'CERT_HAS_EXPIRED',
      message: 'certificate has expired',
    },
  ],
  'socket closed before the request was fully written': [
    {
      kind: 'network',
      phase: 'before_request_written',
      code: 'UND_ERR_SOCKET',
      message: 'other side closed',
    },
    { kind: 'timeout', phase: 'before_request_written', timeoutMs: 10_000 },
    { kind: 'network', phase: 'while_written', code: 'ECONNRESET', message: 'write ECONNRESET' },
    { kind: 'timeout', phase: 'while_written', timeoutMs: 10_000 },
  ],
  'reset, close or timeout after the request was written': [
    {
      kind: 'network',
      phase: 'after_request_written',
      code: 'ECONNRESET',
      message: 'read ECONNRESET',
    },
    { kind: 'timeout', phase: 'after_request_written', timeoutMs: 300_000 },
  ],
  'worker killed with an attempt in flight': [{ kind: 'worker_lost' }],
};

describe('a call that got no answer', () => {
  test.each(table.network)('$name', ({ name, class: expected }) => {
    const answers = networkAnswers[name] ?? [];
    expect(answers).not.toEqual([]);
    for (const answer of answers) {
      expect(summaryOf(classifyFault(answer, nowMs))).toEqual({
        class: expected,
        waitMs: null,
        owner: expected === 'refused' ? 'call' : null,
        moderation: null,
      });
    }
  });
});
