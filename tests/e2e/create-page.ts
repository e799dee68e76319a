/** What the tests of Create do on the page. */
import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { findBarriers, isLoaded, type Studio } from '../support/browser/open-studio.ts';
import { waitFor } from '../support/wait-for.ts';

export async function openCreate(studio: Studio): Promise<Page> {
  const page = await studio.open('/');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByTestId('forecast').waitFor();
  return page;
}

/** Sends the prompt by keys, and returns the card of its job. */
export async function send(page: Page, prompt: string): Promise<Locator> {
  await page.getByLabel('Prompt').fill(prompt);
  await page.locator('button[type=submit]:not([aria-disabled])').waitFor();
  await page.keyboard.press('Control+Enter');
  return cardOf(page, prompt);
}

export function cardOf(page: Page, prompt: string): Locator {
  return page.locator('[data-job]').filter({ hasText: prompt });
}

export function succeeded(card: Locator): Promise<void> {
  return card.and(card.page().locator('[data-status=succeeded]')).waitFor();
}

/** Chooses an item of the menu of a card. */
export async function choose(card: Locator, item: string): Promise<void> {
  await card.getByRole('button', { name: 'More' }).click();
  await card.page().getByRole('menuitem', { name: item, exact: true }).click();
}

/** Waits until a picture is shown, not only there. */
export async function shown(picture: Locator): Promise<void> {
  await picture.waitFor();
  await isLoaded(picture);
}

/** What cannot be used now and does not say why. */
export function unexplained(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('[aria-disabled=true]')]
    .filter((element) => {
      const ids = (element.getAttribute('aria-describedby') ?? '').split(' ');
      const said = ids.map((id) => document.getElementById(id)?.textContent ?? '').join('');
      const isItem = /^(option|menuitem)$/.test(element.getAttribute('role') ?? '');
      const isGroup = element.getAttribute('role') === 'radiogroup';
      return said.trim() === '' && !isGroup && !(isItem && element.textContent.trim().length > 20);
    })
    .map((element) => element.outerHTML.slice(0, 200))`);
}

/** Expects no barrier in the state that the page is in, in both themes. */
export async function expectNoBarrier(page: Page): Promise<void> {
  // A forecast of an earlier state of the form is pale until the next one is there.
  const opacity = "getComputedStyle(document.querySelector('[data-testid=forecast]')).opacity";
  await waitFor(async () => (await page.evaluate(opacity)) === '1', { what: 'a new forecast' });
  const moving = `document.getAnimations().filter((each) => each.playState === 'running').length`;
  // The themes differ in their colours only.
  for (const [colorScheme, rules] of [['light'], ['dark', ['color-contrast']]] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // What changes its colours slowly has the old ones until the next frame.
    await waitFor(async () => (await page.evaluate(moving)) === 0, { what: 'the colours' });
    expect(await findBarriers(page, rules), colorScheme).toEqual([]);
  }
}
