// Finding leaked tokens: with scripts, the browser sends only hashes.

import type { Page } from '@playwright/test';

import { openAsAdmin } from '../support/console-page.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
import { FIND_LEAKED_PATH, TOKENS_PATH } from '../support/paths.ts';

const UNKNOWN = 'dapi00000000000000000000000000000000';
const NO_VALUE =
  'No value in the shape of a Databricks token (dapi and 32 hex digits) was found. ' +
  'This does not show that none is there.';

function searchField(page: Page) {
  return page.getByRole('searchbox', { name: 'Search by comment, owner or ID' });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test.beforeEach(async ({ page, workspace, console }) => {
      await openAsAdmin(page, workspace, console, FIND_LEAKED_PATH);
      if (javaScriptEnabled) await waitForHydration(page);
    });

    test('each token of a pasted text has a row', async ({ page, workspace }) => {
      const sent: string[] = [];
      page.on('request', request => sent.push(`${request.url()} ${request.postData() ?? ''}`));
      const value = workspace.nonAdmin.pat;
      await page.getByLabel('Leaked value').fill(`export TOKEN="${value}"\nold: ${UNKNOWN}\n`);
      await page.getByRole('button', { name: 'Find' }).click();
      await expect(page.getByRole('heading', { level: 2, name: /^1 of 2 tokens found in / })).toBeVisible();
      const found = page.getByRole('row', { name: /^No\. 1/ });
      await expect(found.getByRole('link', { name: "VS Code on Kai's laptop", exact: true })).toBeVisible();
      await expect(found.getByRole('link', { name: 'Revoke' })).toBeVisible();
      await expect(page.getByRole('row', { name: /^No\. 2/ })).toContainText('Not found');
      if (javaScriptEnabled) await checkLayoutAndA11y(page);
      const withValue = sent.filter(request => request.includes(value.slice(4)));
      expect(withValue).toHaveLength(javaScriptEnabled ? 0 : 1);
      expect(sent.filter(request => request.split(' ')[0]!.includes('dapi'))).toEqual([]);
    });

    test('the only token leads to its page', async ({ page, workspace }) => {
      await page.getByLabel('Leaked value').fill(`Bearer ${workspace.nonAdmin.pat}`);
      await page.getByRole('button', { name: 'Find' }).click();
      await expect(page.getByRole('heading', { level: 1, name: "VS Code on Kai's laptop" })).toBeVisible();
    });

    test('a text without a token value is not called safe', async ({ page }) => {
      await page.getByLabel('Leaked value').fill('dapi0123 and nothing else');
      await page.getByRole('button', { name: 'Find' }).click();
      await expect(page.getByRole('alert').filter({ hasText: NO_VALUE })).toBeVisible();
    });
  });
}

test('a token value pasted into the bar is answered on the same page', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?sort=owner`);
  await waitForHydration(page);
  const sent: string[] = [];
  page.on('request', request => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  const bar = page.getByRole('searchbox', { name: 'Search tokens, people and IDs' });
  const value = workspace.nonAdmin.pat;
  for (const [text, heading] of [
    [`TOKEN=${value}`, /^The token is in /],
    [UNKNOWN, /^The token was not found in /],
  ] as const) {
    await bar.fill(text);
    await bar.press('Enter');
    const dialog = page.getByRole('dialog', { name: heading });
    await expect(dialog).toBeVisible();
    await expect(bar).toHaveValue('');
    await expect(page).toHaveURL(new RegExp(`${TOKENS_PATH}\\?sort=owner$`));
    const pasted = text.replace('TOKEN=', '');
    await expect(dialog.getByRole('rowheader')).toHaveText(
      `No. 1: ${pasted.slice(0, 4)}…${pasted.slice(-4)}, ${pasted.length} characters`,
    );
    await checkLayoutAndA11y(page);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toBeHidden();
  }
  expect(sent.filter(request => request.includes(value.slice(4)))).toEqual([]);
  await bar.fill(value);
  await bar.press('Enter');
  await page.getByRole('dialog').getByRole('link', { name: 'Revoke' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Revoke/ })).toBeVisible();
});

test(
  'a token value pasted into the search stays in the browser',
  { tag: '@A7' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    const sent: string[] = [];
    page.on('request', request => sent.push(`${request.url()} ${request.postData() ?? ''}`));
    const value = workspace.nonAdmin.pat;
    await searchField(page).fill(value);
    await expect(page.getByText('This looks like a token value, so it was not sent.')).toBeVisible();
    await searchField(page).press('Enter');
    await searchField(page).fill('');
    await searchField(page).fill('ci deploys');
    await expect(page).toHaveURL(/q=ci/);
    await expect(page.getByText('This looks like a token value, so it was not sent.')).toBeHidden();
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.filter(request => request.includes(value.slice(4)))).toEqual([]);
    await page.getByRole('link', { name: 'Find a leaked token' }).click();
    await page.getByLabel('Leaked value').fill(value);
    await page.getByRole('button', { name: 'Find' }).click();
    await expect(page.getByRole('heading', { level: 1, name: "VS Code on Kai's laptop" })).toBeVisible();
    expect(sent.filter(request => request.includes(value.slice(4)))).toEqual([]);
  },
);
