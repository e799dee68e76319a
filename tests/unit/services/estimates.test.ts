/** The estimate of an accepted request, and what it says it rests on. */
import { expect, test } from 'vitest';
import {
  nothingLearnt,
  outputKey,
  readLearnt,
  sourceKey,
  toLearntText,
} from '@kiln/shared/models/cost/learnt-tokens';
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { buildRoutes } from '@kiln/shared/models/routes';
import { describeBases, noEstimate } from '@kiln/shared/services/batches/input/estimate-bases';
import {
  assessRequest,
  type RequestFacts,
  type ResolvedRequest,
} from '@kiln/shared/services/jobs/new-job';

const deployment = (provider: 'azure' | 'openai', name: string = provider): Deployment => ({
  ...deploymentDefaults,
  name,
  pool: name,
  provider,
  model: null,
  defaultModel: 'gpt-image-2',
  baseUrl: '',
  apiKey: 'key',
  azure: provider === 'azure' ? { deployment: 'd', apiVersion: 'v' } : null,
  stream: null,
});

function estimate(
  request: Partial<ResolvedRequest>,
  deployments: readonly Deployment[] = [deployment('openai')],
  facts: RequestFacts = { learnt: nothingLearnt },
): [usd: number | null, basis: string | null] {
  const asked = { prompt: 'A boat', ...request };
  const assessed = assessRequest(buildRoutes(deployments), asked, new Date('2026-11-30'), facts);
  if (assessed.status === 'refused') throw new Error(assessed.problems[0]?.message);
  const { cost_estimated_micros: micros, cost_basis: basis } = assessed.job;
  return [micros, basis];
}

const small = { size: '1024x1024', quality: 'low' } as const;
/** Two tokens of the prompt at 5. */
const prompt = 2 * 5;

test('a size and a quality that the provider publishes', () => {
  expect(estimate(small)).toEqual([prompt + 196 * 30, 'published']);
});

test('figures that are inferred, and fields that the request leaves open', () => {
  expect(estimate({ ...small, model: 'gpt-image-2.6-flare' })).toEqual([
    prompt + 196 * 30,
    'inferred',
  ]);
  expect(estimate({})).toEqual([prompt + 1756 * 30, 'inferred']);
});

test('an unknown model has neither an estimate nor a basis', () => {
  expect(estimate({ model: 'gpt-image-99' })).toEqual([null, null]);
});

test('a missing quality is four times as dear on Azure, whichever provider comes first', () => {
  const size = '1024x1024';
  const [azure, openai] = [deployment('azure'), deployment('openai')];
  expect(estimate({ size }, [azure])).toEqual([prompt + 7024 * 30, 'published']);
  expect(estimate({ size }, [azure, openai])).toEqual([prompt + 7024 * 30, 'published']);
  expect(estimate({ size }, [openai, azure])).toEqual([prompt + 1756 * 30, 'inferred']);
});

test('source pictures count by their size, and a mask like the first of them', () => {
  const request = {
    ...small,
    images: [{ file_id: 'file-1' }, { file_id: 'file-2' }],
    mask: { file_id: 'file-3' },
  };
  const sources = [
    { format: 'png', width: 1024, height: 1024 },
    { format: 'jpeg', width: 2048, height: 1024 },
  ] as const;
  const facts = { sources, learnt: nothingLearnt };
  expect(estimate(request, undefined, facts)).toEqual([
    prompt + 196 * 30 + (1024 + 2048 + 1024) * 8,
    'inferred',
  ]);
});

test('what calls were billed replaces the figures, and is named with the number of calls', () => {
  const means = new Map([
    [toLearntText(outputKey('openai', 'gpt-image-2', small)), { mean: 300, calls: 214 }],
    [toLearntText(sourceKey('openai', 'gpt-image-2', small)), { mean: 0.5, calls: 31 }],
  ]);
  const learnt = readLearnt(means);
  expect(estimate({ ...small, n: 2 }, undefined, { learnt })).toEqual([
    prompt + 600 * 30,
    'learnt from 214 calls',
  ]);
  const edit = { ...small, images: [{ file_id: 'file-1' }] };
  const sources = [{ format: 'png', width: 1024, height: 1024 }] as const;
  expect(estimate(edit, undefined, { sources, learnt })).toEqual([
    prompt + 300 * 30 + 512 * 8,
    'learnt from 31 calls',
  ]);
  // What the simulator counts says nothing about a provider, and the reverse.
  expect(estimate(small, [deployment('openai', 'simulator')], { learnt })[1]).toBe('published');
});

test('the rows of a batch may rest on several grounds', () => {
  const describe = (...rows: [string, number][]) => describeBases(new Map(rows));
  expect(describe(['published', 90])).toBe('published');
  expect(describe(['learnt from 214 calls', 1], ['published', 90])).toBe(
    'published (90 rows), learnt from 214 calls (1 row)',
  );
  expect(describe(['published', 9], [noEstimate, 2])).toBe(
    'published (9 rows), no estimate (2 rows)',
  );
  expect(describe([noEstimate, 4])).toBeNull();
  expect(describe()).toBeNull();
  expect(describe(['a', 6], ['b', 5], ['c', 4], ['d', 3], ['e', 2], ['f', 1])).toBe(
    'a (6 rows), b (5 rows), c (4 rows), d (3 rows), others (3 rows)',
  );
});

test('the weight of a job counts partial images that a deployment asks for by itself', () => {
  const streamed = { ...deployment('openai', 'streamed'), stream: { partialImages: 3 } };
  const tokensOf = (request: Partial<ResolvedRequest>) => {
    const routes = buildRoutes([deployment('openai'), streamed]);
    const asked = { prompt: 'A boat', ...small, ...request };
    const assessed = assessRequest(routes, asked, new Date('2026-11-30'), {
      learnt: nothingLearnt,
    });
    return assessed.status === 'accepted' ? assessed.job.tokens_estimated : assessed.problems;
  };
  expect(tokensOf({})).toBe(3 + 196 + 300);
  expect(tokensOf({ partial_images: 1 })).toBe(3 + 196 + 100);
});
