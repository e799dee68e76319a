import { deploymentDefaults } from '@kiln/shared/models/deployment';
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../../packages/shared/src/models/deployment.ts';
import { nothingLearnt } from '../../../packages/shared/src/models/cost/learnt-tokens.ts';
import { buildRoutes } from '../../../packages/shared/src/models/routes.ts';
import {
  findPictureProblems,
  type EditPictures,
} from '../../../packages/shared/src/services/edits/check-together.ts';
import {
  assessRequest,
  type ResolvedRequest,
} from '../../../packages/shared/src/services/jobs/new-job.ts';
import type { PictureFormat } from '@kiln/shared/domain/picture-formats';

const findPictureProblem = (pictures: EditPictures) => findPictureProblems(pictures)[0] ?? null;

const deployment = (provider: 'azure' | 'openai'): Deployment => ({
  ...deploymentDefaults,
  name: provider,
  pool: provider,
  provider,
  model: 'gpt-image-1.5',
  defaultModel: 'gpt-image-1.5',
  baseUrl: '',
  apiKey: 'key',
  azure: provider === 'azure' ? { deployment: 'd', apiVersion: 'v' } : null,
  stream: null,
});

function assess(
  given: Partial<ResolvedRequest>,
  formats: PictureFormat[] = ['png'],
  providers: ('azure' | 'openai')[] = ['azure', 'openai'],
) {
  const request = {
    prompt: 'A boat',
    images: formats.map((_, n) => ({ file_id: `file-${n}` })),
    ...given,
  };
  return assessRequest(buildRoutes(providers.map(deployment)), request, new Date('2026-11-21'), {
    sources: formats.map((format) => ({ format, width: 1024, height: 1024 })),
    learnt: nothingLearnt,
  });
}

test('an edit has the endpoint of edits and lists each of its files once', () => {
  expect(assess({ mask: { file_id: 'file-0' } }, ['png', 'jpeg'])).toMatchObject({
    status: 'accepted',
    job: {
      endpoint: '/v1/images/edits',
      route: 'gpt-image-1.5',
      source_file_ids: ['file-0', 'file-1'],
    },
  });
  const generation = assessRequest(
    buildRoutes([deployment('openai')]),
    { prompt: 'A boat' },
    new Date(),
    { learnt: nothingLearnt },
  );
  expect(generation).toMatchObject({
    job: { endpoint: '/v1/images/generations', source_file_ids: null },
  });
});

describe('a webp source', () => {
  test('waits for OpenAI when both providers serve the model', () => {
    expect(assess({}, ['png', 'webp'])).toMatchObject({ job: { route: 'gpt-image-1.5@openai' } });
  });
  test('is refused when only Azure serves the model', () => {
    expect(assess({}, ['png', 'webp'], ['azure'])).toEqual({
      status: 'refused',
      problems: [
        {
          param: 'images.1',
          message: 'images.1: received a webp; edits on Azure take png or jpeg',
        },
      ],
    });
  });
});

test.each([
  [{ input_fidelity: 'high' }, 'accepted'],
  [{ model: 'gpt-image-1.5', markup: { file_id: 'file-9' } }, 'refused'],
  [{ output_format: 'svg' }, 'refused'],
  [{ images: undefined, input_fidelity: 'low' }, 'refused'],
  [{ images: undefined, mask: { file_id: 'file-9' } }, 'refused'],
] as [Partial<ResolvedRequest>, string][])('%j is %s', (given, status) => {
  expect(assess(given).status).toBe(status);
});

describe('the pictures of an edit', () => {
  const picture = (facts: object = {}, bytes = 1_000) => ({
    id: 'file-1',
    bytes,
    sha256: '',
    picture: {
      format: 'png' as const,
      width: 64,
      height: 32,
      has_alpha: true,
      is_opaque: false,
      ...facts,
    },
  });

  test('have at most 200,000,000 bytes, including masks', () => {
    const images = Array.from({ length: 4 }, () => picture({}, 49_999_999));
    expect(findPictureProblem({ images, mask: null, markup: null })).toBeNull();
    expect(findPictureProblem({ images, mask: picture({}, 5), markup: null })).toMatchObject({
      param: 'images',
      code: 'file_too_large',
    });
  });

  test.each([
    [{ orientation: 6 }, { width: 32, height: 64 }, null],
    [{ orientation: 6 }, {}, null],
    [{ orientation: 3 }, { width: 32, height: 64 }, 'mask_size_mismatch'],
    [{}, { width: 32, height: 64 }, 'mask_size_mismatch'],
    [{ orientation: 8 }, { width: 32, height: 65 }, 'mask_size_mismatch'],
  ])('of a picture with %o and a mask with %o fit or do not', (first, mask, code) => {
    const found = findPictureProblem({
      images: [picture(first)],
      mask: picture(mask),
      markup: null,
    });
    expect(found?.code ?? null).toBe(code);
  });

  test('mask and markup must have the size of the first image; markup may have more bytes', () => {
    const images = [picture(), picture({ width: 1 })];
    expect(findPictureProblem({ images, mask: picture({ width: 1 }), markup: null })).toMatchObject(
      {
        param: 'mask',
        code: 'mask_size_mismatch',
      },
    );
    expect(findPictureProblem({ images, mask: picture({}, 5_000_000), markup: null })?.code).toBe(
      'mask_too_large',
    );
    expect(findPictureProblem({ images, mask: null, markup: picture({}, 5_000_000) })).toBeNull();
    expect(
      findPictureProblem({ images, mask: null, markup: picture({ is_opaque: true }) })?.message,
    ).toMatch(/markup/);
  });
});
