/** What an answer without a usable picture is taken for. */
import { readImages } from '@kiln/shared/provider/answer/read-images';
import { readStream } from '@kiln/shared/provider/answer/read-stream';
import { expect, test } from 'vitest';

const source = {
  take: () => null,
  fetchPicture: async () => ({ status: 'missing', reason: 'set image_hosts' }) as const,
};

test('a message beside an address is no error', async () => {
  const answer = { message: 'success', data: [{ url: 'https://pictures.example/1.png' }] };
  expect(await readImages(answer, source)).toMatchObject({
    status: 'unusable',
    reason: 'image 0: set image_hosts',
    isAddress: true,
  });
});

test('a message without pictures is an error', async () => {
  const answer = { message: 'no capacity', data: [] };
  expect(await readImages(answer, source)).toMatchObject({ status: 'error', body: answer });
});

test('the text of an error event that is no JSON is kept', async () => {
  async function* events() {
    yield { name: 'error', data: 'upstream went away' };
  }
  expect(await readStream(events(), () => undefined, source, 1)).toEqual({
    status: 'error',
    body: 'upstream went away',
    isUnderway: false,
  });
});
