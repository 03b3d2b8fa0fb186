// A filter that is typed before the islands run.

import type { Page, Route } from '@playwright/test';

import { openAsAdmin, resultCount, searchField, tokenRow } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { FIND_LEAKED_PATH, TOKENS_PATH } from '../support/paths.ts';
import { startSlowServer } from '../support/slow-server.ts';

/** Opens the list but delays its WebAssembly. Returns a function that lets it load. */
async function openWithDelayedWasm(
  page: Page,
  workspace: DemoWorkspace,
  console: Console,
): Promise<() => Promise<void>> {
  let delayed: Route | undefined;
  let notify: () => void;
  const requested = new Promise<void>(resolve => (notify = resolve));
  await openAsAdmin(page, workspace, console, FIND_LEAKED_PATH);
  await waitForHydration(page);
  // From here on, so that it is the list's request that waits.
  await page.route('**/*.wasm', route => {
    delayed = route;
    notify();
  });
  await page.goto(TOKENS_PATH, { waitUntil: 'commit' });
  return async () => {
    await requested;
    await delayed!.continue();
  };
}

test(
  'text typed before hydration is applied immediately, and the islands take over',
  { tag: '@A2' },
  async ({ page, workspace, console }) => {
    const loadWasm = await openWithDelayedWasm(page, workspace, console);
    const filtered: string[] = [];
    page.on('request', request => request.url().includes('q=ci') && filtered.push(request.url()));
    await searchField(page).pressSequentially('ci deploys');
    await expect.poll(() => filtered.at(-1)).toContain('q=ci+deploys');
    await expect(resultCount(page)).toHaveText(/^\d+ of 160 tokens$/);
    const before = filtered.length;
    await loadWasm();
    await expect(page).toHaveURL(/q=ci/);
    await waitForHydration(page);
    await expect(resultCount(page)).toHaveText(/^\d+ of 160 tokens$/);
    await expect(searchField(page)).toHaveValue('ci deploys');
    expect(filtered.slice(before)).toEqual([]);
  },
);

test('a token selected before hydration stays selected', { tag: '@A2' }, async ({ page, workspace, console }) => {
  const loadWasm = await openWithDelayedWasm(page, workspace, console);
  await searchField(page).fill('ci deploys');
  await expect(resultCount(page)).toHaveText(/^\d+ of 160 tokens$/);
  const box = tokenRow(page, 'ci deploys').first().getByRole('checkbox');
  await box.check();
  await loadWasm();
  await expect(page).toHaveURL(/q=ci/);
  await waitForHydration(page);
  await expect(box).toBeChecked();
});

test(
  'a filter typed during the hydration replaces an earlier one',
  { tag: '@A2' },
  async ({ page, workspace, console }) => {
    const loadWasm = await openWithDelayedWasm(page, workspace, console);
    await searchField(page).fill('ci deploys');
    await loadWasm();
    await searchField(page).fill('does not occur');
    await expect(resultCount(page)).toHaveText('0 of 160 tokens');
    await expect(page).toHaveURL(/q=does/);
  },
);

test('after an early filter and its next page, Enter shows its first page', async ({ page, workspace, console }) => {
  const loadWasm = await openWithDelayedWasm(page, workspace, console);
  await searchField(page).fill('e');
  await expect(resultCount(page)).toHaveText(/^\d+ of 160 tokens$/);
  await loadWasm();
  await expect(page).toHaveURL(/q=e/);
  await waitForHydration(page);
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await pages.getByRole('link', { name: 'Next' }).click();
  await expect(pages).toContainText('Page 2 of');
  await searchField(page).press('Enter');
  await expect(pages).toContainText('Page 1 of');
  await expect(page).not.toHaveURL(/page=2/);
});

test('a filter typed while the page still arrives leaves one list', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, FIND_LEAKED_PATH);
  const slow = await startSlowServer(console.url, TOKENS_PATH);
  await page.goto(slow.origin + TOKENS_PATH, { waitUntil: 'commit' });
  await searchField(page).fill('ci deploys');
  await expect(resultCount(page)).toHaveText(/^\d+ of 160 tokens$/);
  expect(await page.evaluate(() => document.readyState)).toBe('loading');
  slow.sendRest();
  await waitForHydration(page);
  for (const id of ['results', 'first-row', 'selected-count']) await expect(page.locator(`#${id}`)).toHaveCount(1);
  const shown = Number.parseInt((await resultCount(page).textContent())!);
  await expect(tokenRow(page, 'ci deploys')).toHaveCount(shown);
  // The row of headings counts too.
  await expect(page.getByRole('row')).toHaveCount(shown + 1);
  slow.stop();
});

test('Enter submits a plain form', { tag: '@A2' }, async ({ page, workspace, console }) => {
  await openWithDelayedWasm(page, workspace, console);
  await searchField(page).fill('ci deploys');
  await searchField(page).press('Enter');
  await expect(resultCount(page)).toHaveText(/^\d+ of 160 tokens$/);
  await expect(page).toHaveURL(/q=ci/);
});

test('a token value pasted before hydration is in no URL', { tag: '@A7' }, async ({ page, workspace, console }) => {
  await openWithDelayedWasm(page, workspace, console);
  const urls: string[] = [];
  page.on('request', request => urls.push(`${request.url()} ${request.headers()['referer'] ?? ''}`));
  const value = workspace.nonAdmin.pat;
  await searchField(page).fill(value);
  // Longer than the delay of an early filter.
  await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 300)));
  await searchField(page).press('Enter');
  const notice = page.getByRole('alert').filter({ hasText: 'This looks like a token value, so it was not used' });
  await expect(notice).toBeVisible();
  expect(urls.length).toBeGreaterThan(0);
  expect(urls.filter(url => url.includes('dapi'))).toEqual([]);
  expect(page.url()).not.toContain('dapi');
  expect(console.log).not.toContain(value.slice(4));
});

test(
  'text typed right after a navigation is kept and applied',
  { tag: '@A2' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, FIND_LEAKED_PATH);
    await page.goto(TOKENS_PATH, { waitUntil: 'commit' });
    await searchField(page).pressSequentially('ci deploys');
    await expect(resultCount(page)).toHaveText(/^\d+ of 160 tokens$/);
    await expect(tokenRow(page, 'ci deploys').first()).toBeVisible();
    await expect(searchField(page)).toHaveValue('ci deploys');
  },
);
