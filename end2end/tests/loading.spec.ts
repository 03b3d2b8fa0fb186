// Pages that are shown before names, settings, permissions and groups have loaded.

import type { Page } from '@playwright/test';

import { openAsAdmin, signInAsAdmin, tokenRow } from '../support/console-page.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
import { SCIM_API, TOKENS_PATH } from '../support/paths.ts';

test.use({ consoleArguments: ['--part-wait-ms', '1'] });

const COMMENT = 'loading: example';

/** Users, service principals and groups respond after `delay_ms`. Creates a token, and returns its ID. */
async function delayNames(workspace: DemoWorkspace, delay_ms: number): Promise<string> {
  const { token_id } = await workspace.createToken({
    owner: workspace.otherAdmin.user_name,
    comment: COMMENT,
    created_days_ago: 0,
    lifetime_days: 90,
  });
  await workspace.addFault({ method: 'GET', path: SCIM_API, times: 'forever', delay_ms, effect: { kind: 'none' } });
  return token_id;
}

function notice(page: Page) {
  return page.getByRole('status').filter({ hasText: /loading/i });
}

test('cells are filled in place, and the rest when someone asks', async ({ page, workspace, console }) => {
  await delayNames(workspace, 4000);
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await expect(notice(page)).toContainText(/^Owner names.* are loading\./);
  await checkLayoutAndA11y(page);
  await waitForHydration(page);
  const row = tokenRow(page, COMMENT);
  await expect(row.getByRole('cell', { name: workspace.otherAdmin.user_name })).toHaveCount(0);
  await row.getByRole('checkbox').check();
  for (const name of [/^Select all \d+$/, 'Review selected']) {
    const button = page.getByRole('button', { name });
    await expect(button).toBeDisabled();
    await expect(button).toHaveAccessibleDescription(/not available yet: owner names.* are loading/);
  }
  const order = await page.getByRole('rowheader').allTextContents();
  await expect(notice(page)).toContainText('Loading has finished.', { timeout: 20_000 });
  await expect(row.getByText(workspace.otherAdmin.user_name)).toBeVisible();
  await expect(row.getByRole('checkbox')).toBeChecked();
  expect(await page.getByRole('rowheader').allTextContents()).toEqual(order);
  await expect(page.getByRole('button', { name: 'Review selected' })).toBeDisabled();
  await notice(page).getByRole('link', { name: 'Reload' }).click();
  await expect(notice(page)).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Select all \d+$/ })).toBeEnabled();
});

test('a token can be revoked before its owner is known', async ({ page, workspace, console }) => {
  const id = await delayNames(workspace, 6000);
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}/${id}/revoke`);
  await expect(page.getByRole('main')).toContainText('Owner name is still loading');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText(`“${COMMENT}”`).first()).toBeVisible();
  await expect(page.getByRole('main')).toContainText('was revoked.');
});

test('the page of a token is filled in place', async ({ page, workspace, console }) => {
  const id = await delayNames(workspace, 3000);
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}/${id}`);
  await expect(notice(page)).toContainText(/^Owner names.* are loading\./);
  await expect(page.getByRole('definition').filter({ hasText: workspace.otherAdmin.user_name })).toBeVisible({
    timeout: 20_000,
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a link loads the page again', async ({ page, workspace, console }) => {
    await delayNames(workspace, 2500);
    await signInAsAdmin(page, workspace, console);
    await page.goto(TOKENS_PATH);
    await expect(notice(page)).toContainText(/^Owner names.* are loading\./);
    await expect(async () => {
      await notice(page).getByRole('link', { name: 'Reload' }).click();
      await expect(notice(page)).toHaveCount(0, { timeout: 500 });
    }).toPass({ timeout: 20_000 });
    await expect(tokenRow(page, COMMENT).getByText(workspace.otherAdmin.user_name)).toBeVisible();
  });
});
