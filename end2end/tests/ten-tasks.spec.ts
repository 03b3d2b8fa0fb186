// The ten most common tasks of admins, each done by someone who knows the console. Counts the clicks, keys and pastes
// from the token list on, fails a task that takes more than its limit, and prints a table at the end.

import type { Page } from '@playwright/test';

import { openAsAdmin, openSignedIn, statusMessage, tokenSwitch } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import { CountedActions } from '../support/counted-actions.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { TOKENS_PATH } from '../support/paths.ts';

// Serial, so that the table is complete.
test.describe.configure({ mode: 'default' });

test.use({ viewport: { width: 1280, height: 800 }, workspaceArguments: ['--tokens', '1284'] });

const costs: string[] = [];

test.afterAll(() => {
  console.log(`\nWhat the ten tasks cost:\n${costs.join('\n')}`);
});

/** Ends a task. */
function expectCost(task: string, actions: CountedActions, cost: string): void {
  costs.push(`  ${task.padEnd(50)} ${actions.cost}`);
  expect(actions.cost, task).toBe(cost);
}

async function openTokens(page: Page, workspace: DemoWorkspace, console: Console): Promise<CountedActions> {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  return new CountedActions(page);
}

/** The number in a counter above the list. */
const counter = (page: Page, name: RegExp) => page.getByRole('link', { name });
const main = (page: Page) => page.getByRole('navigation', { name: 'Main' });
const resultCount = (page: Page) => page.getByRole('status').filter({ hasText: /tokens?$/ });

/** Expects that every token on the page has an expiry like this. */
async function expectExpiries(page: Page, pattern: RegExp): Promise<void> {
  const texts = await page.getByRole('table').locator('td[data-label="Expires"]').allInnerTexts();
  expect(texts.length).toBeGreaterThan(10);
  expect(texts.filter(text => !pattern.test(text))).toEqual([]);
}

/** How many rows of the list are fully visible. */
async function rowsInView(page: Page): Promise<number> {
  return page
    .getByRole('rowheader')
    .evaluateAll(all => all.filter(row => row.getBoundingClientRect().bottom <= window.innerHeight).length);
}

test('1. revoke a leaked token', async ({ page, workspace, console, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: console.url });
  const { token_value } = await workspace.createToken({
    owner: workspace.nonAdmin.user_name,
    comment: 'leaked',
    lifetime_days: 90,
  });
  const actions = await openTokens(page, workspace, console);
  await actions.pasteAnywhere(`export DATABRICKS_TOKEN="${token_value}"`);
  await actions.click(page.getByRole('dialog').getByRole('link', { name: 'Revoke' }));
  await actions.click(page.getByRole('main').getByRole('button', { name: /^Revoke/ }));
  await expect(statusMessage(page)).toContainText('was revoked.');
  expectCost('1. Revoke a leaked token', actions, '2 clicks, 1 paste');
});

test("2. revoke a departed colleague's tokens", async ({ page, workspace, console }) => {
  const { user_name, display_name } = workspace.nonAdmin;
  for (let n = 1; n <= 14; n++) {
    await workspace.createToken({ owner: user_name, comment: `departed ${n}`, lifetime_days: 90 });
  }
  await workspace.change({ change: 'deactivate', user_name });
  const actions = await openTokens(page, workspace, console);
  await actions.click(page.getByRole('cell').getByRole('link', { name: display_name }).first());
  const revokeAll = page.getByRole('button', { name: /^Revoke all \d+ of / });
  const tokens = /\d+/.exec(await revokeAll.innerText())![0];
  expect(tokens).toHaveLength(2);
  await actions.click(revokeAll);
  await expect(page.getByRole('textbox', { name: `Type ${tokens} to confirm` })).toBeFocused();
  await actions.type(tokens);
  await actions.click(page.getByRole('button', { name: `Revoke ${tokens} tokens` }));
  await expect(statusMessage(page)).toContainText(`All ${tokens} tokens were revoked (confirmed).`);
  expectCost("2. Revoke a departed colleague's tokens", actions, '3 clicks, 2 keys');
});

test('3. list the tokens that never expire', async ({ page, workspace, console }) => {
  const actions = await openTokens(page, workspace, console);
  await actions.click(counter(page, /Never expire/));
  await expect(resultCount(page)).toHaveText(/^\d+ of 1,284 tokens$/);
  await expectExpiries(page, /never/i);
  expect(await rowsInView(page)).toBeGreaterThanOrEqual(11);
  expectCost('3. List the tokens that never expire', actions, '1 click');
});

test('4. list what expires in 7 days', async ({ page, workspace, console }) => {
  const actions = await openTokens(page, workspace, console);
  await actions.click(counter(page, /Expiring in 7 days/));
  await expect(resultCount(page)).toHaveText(/^\d+ of 1,284 tokens$/);
  await expectExpiries(page, /^(today|tomorrow|in [1-7] days?)/i);
  expectCost('4. List what expires in 7 days', actions, '1 click');
});

test('5. list what was not used for 30 days', async ({ page, workspace, console }) => {
  const actions = await openTokens(page, workspace, console);
  await actions.click(counter(page, /^Unused 30 days$/));
  await expect(resultCount(page)).toHaveText(/^\d+ of 1,284 tokens$/);
  await expect(page).toHaveURL(/idle=30/);
  expectCost('5. List what was not used for 30 days', actions, '1 click');
});

test('6. disable personal access tokens', async ({ page, workspace }) => {
  await openSignedIn(page, workspace, TOKENS_PATH);
  const actions = new CountedActions(page);
  await actions.click(main(page).getByRole('link', { name: 'Settings' }));
  await waitForHydration(page);
  await actions.click(tokenSwitch(page));
  await actions.click(page.getByRole('dialog').getByRole('button', { name: 'Confirm' }));
  await expect(statusMessage(page)).toContainText('Personal access tokens are disabled');
  expectCost('6. Disable personal access tokens', actions, '3 clicks');
});

test('7. limit the lifetime of new tokens to 90 days', async ({ page, workspace, console }) => {
  const actions = await openTokens(page, workspace, console);
  await actions.click(main(page).getByRole('link', { name: 'Settings' }));
  await waitForHydration(page);
  await actions.click(page.getByRole('link', { name: '90 days', exact: true }));
  await expect(page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' })).toHaveValue('90');
  await actions.click(page.getByRole('button', { name: 'Save' }));
  await expect(statusMessage(page)).toContainText('New tokens last at most 90 days');
  expectCost('7. Limit the lifetime of new tokens to 90 days', actions, '3 clicks');
});

test('8. let a service principal use tokens', async ({ page, workspace, console }) => {
  await workspace.change({ change: 'set_grants', can_use: ['analytics'] });
  const actions = await openTokens(page, workspace, console);
  await actions.click(main(page).getByRole('link', { name: 'Permissions' }));
  await waitForHydration(page);
  await actions.click(page.getByRole('combobox', { name: 'Add a user, group or service principal' }));
  await actions.type('etl');
  await expect(page.getByRole('option').first()).toContainText('etl-nightly');
  await actions.press('ArrowDown');
  await actions.press('Enter');
  await expect(page).toHaveURL(/[?&]add=/);
  await actions.click(page.getByRole('button', { name: 'Review changes' }));
  await actions.click(page.getByRole('button', { name: 'Save' }));
  await expect(statusMessage(page)).toContainText('Saved. Added service principal');
  expectCost('8. Let a service principal use tokens', actions, '4 clicks, 5 keys');
});

test('9. create a token for a service principal', async ({ page, workspace, console, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: console.url });
  const actions = await openTokens(page, workspace, console);
  await actions.click(page.getByRole('link', { name: 'Create service principal token' }));
  await waitForHydration(page);
  await actions.type('etl');
  await expect(page.getByRole('option').first()).toContainText('etl-nightly');
  await actions.press('ArrowDown');
  await actions.press('Enter');
  await expect(page.getByRole('main')).toContainText('For etl-nightly');
  await expect(page.getByRole('textbox', { name: 'Lifetime (days)' })).toHaveValue('90');
  await actions.click(page.getByRole('button', { name: 'Review' }));
  await waitForHydration(page);
  await actions.click(page.getByRole('button', { name: 'Create token' }));
  await expect(statusMessage(page)).toContainText('Token created and confirmed.');
  await waitForHydration(page);
  await actions.click(page.getByRole('button', { name: 'Copy' }));
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^dapi/);
  expectCost('9. Create a token for a service principal', actions, '4 clicks, 5 keys');
});

test('10. export evidence for an auditor: tokens', async ({ page, workspace, console }) => {
  const actions = await openTokens(page, workspace, console);
  await actions.click(counter(page, /Never expire/));
  await expect(resultCount(page)).toHaveText(/^\d+ of 1,284 tokens$/);
  await actions.click(page.getByText('Export', { exact: true }));
  const file = page.waitForEvent('download');
  await actions.click(page.getByRole('link', { name: 'Export CSV' }));
  expect((await file).suggestedFilename()).toMatch(/^acme-prod_tokens_\d.*never/);
  expectCost('10. Export evidence for an auditor: tokens', actions, '3 clicks');
});

test("10. export evidence for an auditor: last quarter's activity", async ({ page, workspace, console }) => {
  const actions = await openTokens(page, workspace, console);
  await actions.click(main(page).getByRole('link', { name: 'Activity' }));
  await waitForHydration(page);
  await actions.click(page.getByRole('link', { name: 'Last quarter' }));
  await expect(page).toHaveURL(/[?&]from=\d{4}-\d\d-01&to=/);
  await expect(page.getByText('No activity matches your filters')).toBeVisible();
  expectCost("10. Export evidence for an auditor: last quarter's activity", actions, '2 clicks');
});
