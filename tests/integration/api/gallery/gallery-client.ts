/** A client of the routes of the gallery, which checks the shape of every answer. */
import { galleryImageListSchema } from '@kiln/shared/schemas/gallery/image';
import { expect } from 'vitest';
import type { TestKiln } from '../../../support/kiln.ts';
import { readError } from '../support.ts';

export function createGalleryClient(kiln: TestKiln) {
  const send = (path: string, method = 'GET', body?: unknown) =>
    kiln.request(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  async function read(path: string, method = 'GET', body?: unknown): Promise<unknown> {
    const response = await send(path, method, body);
    expect([path, response.ok]).toEqual([path, true]);
    return response.json();
  }
  const list = async (query = '') =>
    galleryImageListSchema.strict().parse(await read(`/v1/images${query}`));
  return {
    send,
    read,
    list,
    idsOf: async (query = '') => (await list(query)).data.map(({ id }) => id),
    count: (query = '') => read(`/v1/images/count${query}`),
    refuse: async (path: string, method = 'GET', body?: unknown) =>
      readError(await send(path, method, body)),
    /** Submits a job and waits for its images. */
    async make(body: Record<string, unknown>): Promise<string> {
      const { id } = await kiln.submit(body);
      await kiln.ended(id, ['succeeded']);
      return id;
    },
  };
}
