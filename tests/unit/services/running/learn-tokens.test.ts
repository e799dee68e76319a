import { expect, test } from 'vitest';
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { samplesOf, type AnsweredCall } from '@kiln/shared/services/running/learn-tokens';

const deployment: Deployment = {
  ...deploymentDefaults,
  name: 'east',
  pool: 'east',
  provider: 'azure',
  model: null,
  defaultModel: 'gpt-image-2',
  baseUrl: '',
  apiKey: 'key',
  azure: { deployment: 'd', apiVersion: 'v' },
  stream: null,
};
const call: AnsweredCall = {
  model: 'gpt-image-2',
  request: { prompt: 'A boat', size: '1024x1024', n: 2 },
  deployment,
  sources: [],
  images: 2,
  usage: {
    input_tokens_details: { text_tokens: 2, image_tokens: 0 },
    output_tokens: 14_000,
  },
  svgUsage: null,
};
const shown = (answered: Partial<AnsweredCall>) =>
  samplesOf({ ...call, ...answered }).map(
    ({ key: { provider, model, meter, variant }, value }) =>
      `${provider} ${model} ${meter} ${variant}: ${value}`,
  );

test('output is learnt per provider, model, size and quality, for one image', () => {
  expect(shown({})).toEqual(['azure gpt-image-2 output 1024x1024 high: 7000']);
  expect(shown({ deployment: { ...deployment, provider: 'openai' } })).toEqual([
    'openai gpt-image-2 output 1024x1024 auto: 7000',
  ]);
  expect(shown({ deployment: { ...deployment, name: 'simulator' } })).toEqual([
    'simulator gpt-image-2 output 1024x1024 auto: 7000',
  ]);
  expect(shown({ model: 'gpt-image-2-2026-04-21' })).toEqual(shown({}));
  expect(shown({ model: 'gpt-image-99' })).toEqual([
    'azure gpt-image-99 output 1024x1024 high: 7000',
  ]);
  const partial = { prompt: 'A boat', quality: 'low', n: 1, partial_images: 3 } as const;
  expect(shown({ request: partial, images: 1 })).toEqual([
    'azure gpt-image-2 output auto low: 13700',
  ]);
});

test('source pictures are learnt as a factor of their count', () => {
  const usage = {
    input_tokens_details: { text_tokens: 2, image_tokens: 3_072 },
    output_tokens: 14_000,
  };
  const sources = [
    { width: 1024, height: 1024 },
    { width: 1024, height: 512 },
  ];
  expect(shown({ usage, sources })).toEqual([
    'azure gpt-image-2 output 1024x1024 high: 7000',
    'azure gpt-image-2 source high: 2',
  ]);
});

test('the author of an SVG document is learnt by author and effort', () => {
  const request = {
    prompt: 'A boat',
    output_format: 'svg',
    size: '1024x1024',
    quality: 'low',
    svg: { model: 'gpt-5.6-luna' },
  } as const;
  const svgUsage = { model: 'gpt-5.6-luna', input_tokens: 1_000, output_tokens: 10_000 };
  expect(shown({ request, images: 1, svgUsage })).toEqual([
    'azure gpt-image-2 output 1024x1024 low: 14000',
    'azure gpt-image-2 svg gpt-5.6-luna default: 12200',
  ]);
});

test.each<[string, Partial<AnsweredCall>]>([
  ['fewer images than requested', { images: 1 }],
  [
    'options that may change the bill',
    { request: { ...call.request, provider_options: { x: 1 } } },
  ],
  ['no usage', { usage: null }],
  ['a usage of another shape', { usage: { output_tokens: 'many' } }],
])('nothing is learnt from %s', (_what, answered) => {
  expect(shown(answered)).toEqual([]);
});
