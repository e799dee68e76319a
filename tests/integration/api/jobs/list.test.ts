/** `GET /v1/jobs`: pages and filters. */
import { listSchema } from '@kiln/shared/schemas/api';
import { jobSchema, type Job } from '@kiln/shared/schemas/job';
import { describe, expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { engineNamed, readError, type JobList } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });

const prompts = [
  'A boat, 100% finished',
  'A boat, 100 metres long',
  'A boat_house',
  'A boat house',
  'A path with a \\ in it',
  '朝霧の中の小さな舟',
  '夕暮れの港',
];
/** Submits the jobs one after another, oldest first, so that their ids have that order. */
const made: Job[] = [];
for (const prompt of prompts) made.push(await kiln.submit({ prompt }));
const other = await kiln.submit({ prompt: 'Another model', model: 'gpt-image-1.5' });
const cancelled = await kiln.submit({ prompt: 'Not wanted' });
await kiln.request(`/v1/jobs/${cancelled.id}/cancel`, { method: 'POST' });
const newestFirst = [...made, other, cancelled].map(({ id }) => id).toReversed();

async function list(query: Record<string, string> = {}): Promise<JobList> {
  const response = await kiln.request(`/v1/jobs?${new URLSearchParams(query).toString()}`);
  expect(response.status).toBe(200);
  return (await response.json()) as JobList;
}

async function promptsFor(query: Record<string, string>): Promise<string[]> {
  return (await list(query)).data.map(({ request }) => request.prompt);
}

test('a search says whether it covered every job, and a plain list does not', async () => {
  expect(await list({ q: 'boat' })).toMatchObject({ search_complete: true });
  expect(await list()).not.toHaveProperty('search_complete');
});

describe('pages', () => {
  test('a list has every job, newest first', async () => {
    const page = listSchema(jobSchema).parse(await list());
    expect(page.data.map(({ id }) => id)).toEqual(newestFirst);
    expect(page).toMatchObject({
      object: 'list',
      has_more: false,
      first_id: newestFirst[0],
      last_id: newestFirst.at(-1),
    });
  });

  test('pages have every job exactly once', async () => {
    const ids: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page = await list({ limit: '4', ...(after === null ? {} : { after }) });
      expect(page.data.length).toBeLessThanOrEqual(4);
      expect(page.first_id).toBe(page.data[0]?.id);
      expect(page.last_id).toBe(page.data.at(-1)?.id);
      ids.push(...page.data.map(({ id }) => id));
      after = page.last_id;
      if (!page.has_more) break;
      expect(page.data).toHaveLength(4);
    }
    expect(ids).toEqual(newestFirst);
  });

  test('has_more is false on a page that ends with the last job', async () => {
    expect(await list({ limit: '9' })).toMatchObject({ has_more: false });
    expect(await list({ limit: '8' })).toMatchObject({ has_more: true });
    expect((await list({ limit: '1' })).data).toHaveLength(1);
    expect((await list({ limit: '100' })).data).toHaveLength(9);
  });

  test('a page after the last job is empty', async () => {
    expect(await list({ after: newestFirst.at(-1) ?? '' })).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
  });

  test('jobs that are added meanwhile do not shift the next page', async () => {
    const page = await list({ limit: '2' });
    const late = await kiln.submit({ prompt: 'Late' });
    const next = await list({ limit: '2', after: page.last_id ?? '' });
    expect(next.data.map(({ id }) => id)).toEqual(newestFirst.slice(2, 4));
    newestFirst.unshift(late.id);
  });
});

describe('filters', () => {
  test('by status', async () => {
    expect((await list({ status: 'cancelled' })).data.map(({ id }) => id)).toEqual([cancelled.id]);
    expect((await list({ status: 'queued' })).data.map(({ id }) => id)).not.toContain(cancelled.id);
    expect((await list({ status: 'succeeded' })).data).toEqual([]);
  });

  test('by model', async () => {
    expect((await list({ model: 'gpt-image-1.5' })).data.map(({ id }) => id)).toEqual([other.id]);
  });

  test('by batch', async () => {
    expect((await list({ batch_id: 'batch_nowhere' })).data).toEqual([]);
  });

  test('by time', async () => {
    const before = String((made[0]?.created_at ?? 0) - 10);
    const later = String((made[0]?.created_at ?? 0) + 3_600);
    const all = (await list()).data.length;
    expect((await list({ created_after: before })).data).toHaveLength(all);
    expect((await list({ created_after: later })).data).toEqual([]);
    expect((await list({ created_before: before })).data).toEqual([]);
    expect((await list({ created_before: later })).data).toHaveLength(all);
    expect((await list({ created_after: before, created_before: later })).data).toHaveLength(all);
  });

  test.each([
    ['a per cent sign', '100%', ['A boat, 100% finished']],
    ['an underscore', 't_h', ['A boat_house']],
    ['a backslash', '\\', ['A path with a \\ in it']],
    ['Japanese', '霧', ['朝霧の中の小さな舟']],
    ['more Japanese', '港', ['夕暮れの港']],
    ['any case', 'aNOTHER MODEL', ['Another model']],
    ['a quote, which is text', "' or 1=1 --", []],
    ['nothing that is there', 'aeroplane', []],
  ])('by text: %s', async (_what, q, expected) => {
    expect(await promptsFor({ q })).toEqual(expected);
  });

  test('can be combined with each other and with pages', async () => {
    expect(await promptsFor({ q: 'boat', model: 'gpt-image-1.5' })).toEqual([]);
    const page = await list({ q: 'boat', status: 'queued', limit: '3' });
    expect(page.data.map(({ request }) => request.prompt)).toEqual(
      prompts.slice(1, 4).toReversed(),
    );
    expect(page.has_more).toBe(true);
    expect(await promptsFor({ q: 'boat', after: page.last_id ?? '' })).toEqual(prompts.slice(0, 1));
  });
});

describe('refusals', () => {
  test.each([
    ['limit=0', 'limit', /^limit: received "0"; at least 1 is needed$/],
    ['limit=101', 'limit', /^limit: received "101"; at most 100 is allowed$/],
    ['limit=many', 'limit', /^limit: received "many"; it takes a number$/],
    ['limit=1.5', 'limit', /^limit: received "1\.5"; it takes a number$/],
    [
      'status=done',
      'status',
      /^status: received "done"; it takes queued, in_progress, held, succeeded/,
    ],
    [
      'created_after=yesterday',
      'created_after',
      /^created_after: received "yesterday"; it takes a number$/,
    ],
    ['q=', 'q', /^q: received 0 characters; at least 1 character is needed$/],
    ['q=%00', 'q', /NUL/],
    [`after=${'x'.repeat(129)}`, 'after', /^after: received 129 characters; at most 128/],
  ])('%s', async (query, param, message) => {
    const error = await readError(await kiln.request(`/v1/jobs?${query}`));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param });
    expect(error.message).toMatch(message);
  });

  test('an unknown parameter is named, with the known ones', async () => {
    const error = await readError(await kiln.request('/v1/jobs?state=queued'));
    expect(error).toMatchObject({ status: 400, code: 'unknown_parameter', param: 'state' });
    expect(error.message).toMatch(
      new RegExp(
        '^state: is not a known field; the known fields are ' +
          'limit, after, status, batch_id, model, error_code, ' +
          'custom_id, metadata, q, ',
      ),
    );
  });
});
