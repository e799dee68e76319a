/** A job heavier than a minute of every pool is refused; one that a pool can take is not. */
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { nothingLearnt } from '@kiln/shared/models/cost/learnt-tokens';
import { buildRoutes } from '@kiln/shared/models/routes';
import { createAssessor } from '@kiln/shared/services/batches/input/read-rows';
import { assessRequest } from '@kiln/shared/services/jobs/new-job';
import { expect, test } from 'vitest';

const none = { rpm: null, ipm: null, tpm: null };
const deploymentOf = (pool: string): Deployment => ({
  ...deploymentDefaults,
  name: `${pool}-1`,
  pool,
  provider: 'openai',
  model: 'gpt-image-2',
  defaultModel: 'gpt-image-2',
  baseUrl: '',
  apiKey: 'key',
  azure: null,
  stream: null,
});
const routesOf = (quotas: Record<string, object>) =>
  buildRoutes(
    Object.keys(quotas).map(deploymentOf),
    Object.entries(quotas).map(([name, quota]) => ({ name, ...none, ...quota })),
  );

function assess(quotas: Record<string, object>, request: object) {
  const full = { prompt: 'A boat', size: '1024x1024', quality: 'low' as const, ...request };
  return assessRequest(routesOf(quotas), full, new Date(), { learnt: nothingLearnt });
}

test.each([
  [
    'more images than a minute has',
    { only: { ipm: 5 } },
    { n: 8 },
    /^n: received 8; .* at most 5 images a minute \(ipm of pool "only"\); ask for at most 5/,
  ],
  [
    'more images than a minute of the largest pool has',
    { small: { ipm: 2 }, large: { ipm: 7, rpm: 60 } },
    { n: 8 },
    /at most 7 images a minute \(ipm of pool "large"\)/,
  ],
  [
    'more tokens than a minute has, for several images',
    { only: { tpm: 1_000 } },
    { n: 6 },
    /^n: the job may use 1\d{3} tokens.* at most 1000 tokens a minute \(tpm of pool "only"\)/,
  ],
  [
    'more tokens than a minute has, for one image',
    { only: { tpm: 5_000 } },
    { quality: 'high' },
    /^quality: the job may use 7\d{3} tokens/,
  ],
  [
    'images for one pool and tokens for the other',
    { images: { ipm: 10, tpm: 1_000 }, tokens: { ipm: 1 } },
    { n: 6 },
    /tpm of pool "images"/,
  ],
])('%s: refused, and the message names the meter', (_, quotas, request, message) => {
  const assessed = assess(quotas, request);
  expect(assessed).toMatchObject({ status: 'refused', problems: [{}] });
  expect(assessed.status === 'refused' && assessed.problems[0]?.message).toMatch(message);
});

test.each([
  ['exactly a minute', { only: { ipm: 5, tpm: 200_000 } }, { n: 5 }],
  ['too heavy for one of two pools', { small: { ipm: 2 }, large: { ipm: 20 } }, { n: 8 }],
  ['a pool that counts requests only', { only: { rpm: 1 } }, { n: 10, quality: 'high' }],
])('%s: accepted with its weight', (_, quotas, request) => {
  const { n } = request;
  expect(assess(quotas, request)).toMatchObject({ status: 'accepted', job: { n } });
});

test('a row of a file is judged by its own prompt and number of images', () => {
  const assessor = createAssessor(routesOf({ only: { ipm: 5 } }), new Date(), nothingLearnt);
  const row = (n: number) => assessor.assess({ prompt: 'A boat', n }).status;
  expect([1, 5, 6, 2].map(row)).toEqual(['accepted', 'accepted', 'refused', 'accepted']);
});

test('pools that can take a job are those whose minute has room for it', () => {
  const routes = routesOf({ small: { ipm: 2 }, large: { ipm: 20 }, requests: { rpm: 6 } });
  expect(routes.poolsOf('gpt-image-2')).toEqual(['small', 'large', 'requests']);
  expect(routes.poolsOf('gpt-image-2', { images: 3, tokens: 0 })).toEqual(['large', 'requests']);
});

test('the key of a row is made when it is read, not while the row is judged', () => {
  const assessor = createAssessor(routesOf({ only: { ipm: 5 } }), new Date(), nothingLearnt);
  const asked: string[] = [];
  const hashes = new Map<string, string>();
  hashes.get = (id) => {
    asked.push(id);
    return 'aa';
  };
  const request = { prompt: 'A boat', images: [{ file_id: 'file-1' }] };
  const picture = { format: 'png', width: 1024, height: 1024 } as const;
  const assessed = assessor.assess(request, [picture], hashes);
  expect(asked).toEqual([]);
  if (assessed.status === 'refused') throw new Error('the row was refused');
  expect(assessed.job.request_key).toMatch(/^[0-9a-f]{64}$/);
  expect(asked).toEqual(['file-1']);
});
