/** The studio below a path prefix, behind nginx with TLS, as docs/proxy.md configures it. */
import { expect, test } from 'vitest';
import { engineNamed } from '../integration/api/support.ts';
import { isLoaded, openStudio } from '../support/browser/open-studio.ts';
import { atEndOfFile } from '../support/end-of-file.ts';
import { freePort } from '../support/engines/server-process.ts';
import { postJson } from '../support/kiln.ts';
import { publicHost, startReverseProxy } from '../support/network/proxy-programs.ts';
import { makeTrustedCertificate } from '../support/network/tls-front.ts';

const key = 'a-key-behind-nginx';
const listen = await freePort();
const publicUrl = `https://${publicHost}:${listen}/images`;
const studio = await openStudio({
  engine: engineNamed('postgres'),
  env: { KILN_PUBLIC_URL: publicUrl, KILN_TRUST_PROXY: '127.0.0.1', KILN_API_KEYS: key },
});
const { kiln } = studio;
const nginx = await startReverseProxy(
  'nginx',
  { listen, kiln: Number(new URL(kiln.url).port) },
  makeTrustedCertificate([publicHost]),
);
atEndOfFile(() => nginx.close());

test('pages, pictures, events and the cookie work below the prefix', async () => {
  const page = await studio.open(`${publicUrl}/activity`, { ignoreHTTPSErrors: true });
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
  expect(await page.context().cookies()).toMatchObject([
    { path: '/images', secure: true, httpOnly: true, sameSite: 'Strict' },
  ]);

  // Only an event tells the page of a job that another client submits.
  const authorization = { authorization: `Bearer ${key}` };
  const answer = await postJson(`${kiln.url}/v1/jobs`, { prompt: 'A far boat' }, authorization);
  expect(answer.status).toBe(202);
  const row = page.getByRole('link', { name: 'A far boat' });
  await row.getByText('Done').waitFor();
  await row.click();
  await page.getByRole('heading', { level: 1, name: 'Job' }).waitFor();
  const { id } = (await answer.json()) as { id: string };
  expect(page.url()).toBe(`${publicUrl}/activity/jobs/${id}`);

  await page.reload(); // nginx and the API know the address of a page
  await isLoaded(page.getByRole('img', { name: 'Picture 1: A far boat' }));
  await page.getByRole('link', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name: 'Create' }).waitFor();
  expect(page.url()).toBe(`${publicUrl}/`);
});
