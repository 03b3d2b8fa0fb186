// The page on which people look after their own sessions.

import type { Page } from '@playwright/test';

import { accountButton, openAsAdmin, statusMessage } from '../support/console-page.ts';
import { type Console, THREE_WORKSPACES } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { ONE_PAGE_OF_TOKENS, expect, test } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
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
