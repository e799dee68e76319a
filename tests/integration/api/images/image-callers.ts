/** Callers of the images API that can disconnect, and further APIs on the records of a Kiln. */
import { createLogger } from '@kiln/shared/logger';
import type { Job } from '@kiln/shared/schemas/job';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import type { TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import type { JobList } from '../support.ts';

export const generationsPath = '/v1/images/generations';

/** Waits until a job exists for the prompt, and returns the latest one. */
export function jobFor(kiln: TestKiln, prompt: string): Promise<Job> {
  return waitFor(
    async () => {
      const list = (await (
        await kiln.request(`/v1/jobs?q=${encodeURIComponent(prompt)}`)
      ).json()) as JobList;
      return list.data[0];
    },
    { what: `a job for "${prompt}"` },
  );
}

/** Sends a request whose caller can disconnect before the answer. */
export function call(url: string, body: object, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const answer = fetch(`${url}${generationsPath}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
    signal: controller.signal,
  });
  answer.catch(() => undefined);
  return { answer, disconnect: () => controller.abort() };
}

/** Starts a second API on the same records; `stopping` asks it to stop. */
export async function startApi(kiln: TestKiln, config: Partial<TestKiln['deps']['config']> = {}) {
  const stopping = new AbortController();
  const deps = { ...kiln.deps, config: { ...kiln.deps.config, ...config } };
  const api = createApiDeps(deps, stopping.signal);
  const app = await buildApp(api, createLogger({ name: 'second', level: 'silent' }));
  atEndOfFile(async () => {
    await app.close();
    await api.close();
  });
  return { stopping, app, url: await app.listen({ port: 0, host: '127.0.0.1' }) };
}
