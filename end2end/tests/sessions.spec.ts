// The page where people manage their own sessions.

import type { Page } from '@playwright/test';

import { accountButton, openAsAdmin, statusMessage } from '../support/console-page.ts';
import { type Console, THREE_WORKSPACES } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { ONE_PAGE_OF_TOKENS, expect, test, waitForHydration } from '../support/fixtures.ts';
import { checkLayoutAndA11y, horizontalOverflow } from '../support/page-checks.ts';
import { TOKENS_PATH } from '../support/paths.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS, consoleConfig: THREE_WORKSPACES });

/** Opens the token list in another browser, as the same admin. */
async function openInAnotherBrowser(page: Page, workspace: DemoWorkspace, console: Console): Promise<Page> {
  const context = await page.context().browser()!.newContext({ baseURL: console.url });
  const other = await context.newPage();
  await openAsAdmin(other, workspace, console, TOKENS_PATH);
  return other;
}

test('people recognise their sessions by browser and time, and can end one or all others', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  const [second, third] = [
    await openInAnotherBrowser(page, workspace, console),
    await openInAnotherBrowser(page, workspace, console),
  ];
  await accountButton(page).click();
  await page.getByRole('link', { name: 'Your sessions' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your sessions' })).toBeVisible();
  const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
  await expect(rows).toHaveCount(3);
  await expect(rows.filter({ hasText: 'This browser' })).toHaveCount(1);
  for (const text of ['Chrome on Linux', 'acme-prod', 'personal access token', 'UTC'])
    await expect(rows.first()).toContainText(text);
  await checkLayoutAndA11y(page);

  await rows
    .filter({ hasNotText: 'This browser' })
    .first()
    .getByRole('button', { name: /^End session: Chrome on Linux/ })
    .click();
  await expect(rows).toHaveCount(2);
  await page.getByRole('button', { name: 'End all other sessions' }).click();
  await expect(statusMessage(page)).toContainText('This is your only session.');
  await expect(rows).toHaveCount(1);
  for (const other of [second, third]) {
    await expect(async () => {
      await other.goto(TOKENS_PATH);
      await expect(other).toHaveURL(/\/sign-in/, { timeout: 500 });
    }).toPass();
    await other.context().close();
  }
  await page.goto(TOKENS_PATH);
  await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
});

test.describe('in a browser whose time zone is that of Berlin', () => {
  test.use({ timezoneId: 'Europe/Berlin' });

  test('the account menu offers the time zone of the browser', async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    const updated = page.locator('.as-of time');
    const offer = page.getByRole('button', { name: 'Use Europe/Berlin' });
    await expect(updated).toHaveText(/^\d\d:\d\d:\d\d UTC$/);
    await accountButton(page).click();
    await expect(page.getByLabel('Time zone', { exact: true })).toHaveValue('UTC');
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 640 });
      await expect(offer).toBeVisible();
      const menu = page.locator('#account');
      expect(await menu.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0);
      expect(await horizontalOverflow(page)).toEqual([]);
    }
    await offer.click();
    await expect(updated).toHaveText(/^\d\d:\d\d:\d\d CES?T$/);
    await accountButton(page).click();
    const field = page.getByLabel('Time zone', { exact: true });
    await expect(field).toHaveValue('Europe/Berlin');
    await waitForHydration(page);
    await expect(offer).toBeHidden();
    await field.fill('America/New_York');
    await field.press('Enter');
    await expect(updated).toHaveText(/^\d\d:\d\d:\d\d E[SD]T$/);
  });
});
