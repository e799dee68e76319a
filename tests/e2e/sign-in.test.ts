/** The studio of a Kiln that has keys and that other machines reach (`HOST=0.0.0.0`). */
import { networkInterfaces } from 'node:os';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { engineNamed } from '../integration/api/support.ts';
import { barriersInBothThemes, isLoaded, openStudio } from '../support/browser/open-studio.ts';
import { postJson } from '../support/kiln.ts';

const key = 'a-key-of-the-studio';
const studio = await openStudio({
  engine: engineNamed('postgres'),
  env: { KILN_API_KEYS: `another-key-of-the-studio,${key}`, HOST: '0.0.0.0' },
});
const { kiln } = studio;

async function submit(prompt: string): Promise<void> {
  const answer = await postJson(
    `${kiln.url}/v1/jobs`,
    { prompt },
    { authorization: `Bearer ${key}` },
  );
  expect(answer.status).toBe(202);
}

async function signIn(page: Page, withKey = key): Promise<void> {
  await page.getByLabel('API key').fill(withKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

test('a key is traded for a session, kept nowhere, and signed out again', async () => {
  const page = await studio.open('/activity?status=succeeded');
  await heading(page, 'Sign in').waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);

  await signIn(page, 'a-key-that-is-wrong');
  await page.getByText('This key is unknown.').waitFor();
  expect(await page.getByLabel('API key').getAttribute('aria-invalid')).toBe('true');
  await signIn(page);
  await heading(page, 'Activity').waitFor(); // the page that was wanted
  expect(page.url()).toBe(`${kiln.url}/activity?status=succeeded`);

  expect(await page.context().cookies()).toMatchObject([
    { name: 'kiln_session', httpOnly: true, sameSite: 'Strict', secure: false },
  ]);
  const kept = await page.evaluate(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
  );
  expect(kept).not.toContain(key);

  await submit('A boat behind a key');
  await page.getByRole('link', { name: 'A boat behind a key' }).waitFor(); // told by the stream
  await isLoaded(page.locator('main img:not([aria-hidden])').first());
  await page.reload();
  await heading(page, 'Activity').waitFor();

  await page.getByRole('button', { name: 'Settings' }).first().click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await heading(page, 'Sign in').waitFor();
  expect(await page.context().cookies()).toEqual([]);
  await page.reload();
  await heading(page, 'Sign in').waitFor();
});

test('a session that has ended leads to the sign-in page, and back', async () => {
  const page = await studio.open('/queue');
  await signIn(page);
  await heading(page, 'Queue').waitFor();
  await kiln.deps.records.pool.query(
    "update kiln.sessions set expires_at = now() - interval '1 s'",
  );
  await submit('A boat that nobody sees'); // its event has the page ask for the queue again
  await heading(page, 'Sign in').waitFor();
  await signIn(page);
  await heading(page, 'Queue').waitFor();
});

test('another machine reaches it by an address without TLS', async () => {
  // Browsers grant less to such a page: no Web Locks, no clipboard.
  const outside = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  const host = outside?.address ?? 'studio.example';
  const page = await studio.open(`http://${host}:${new URL(kiln.url).port}/activity`);
  await signIn(page);
  await heading(page, 'Activity').waitFor();
  expect(await page.evaluate('isSecureContext')).toBe(false);
  await submit('A boat from another machine');
  await page.getByRole('link', { name: 'A boat from another machine' }).waitFor();
});
