// Auditors, who can view everything and change nothing.

import type { Page } from '@playwright/test';

import { accountButton, signIn } from '../support/console-page.ts';
import { THREE_WORKSPACES } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { ONE_PAGE_OF_TOKENS, expect, test } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
import { PERMISSIONS_PATH, SETTINGS_PATH, TOKENS_PATH } from '../support/paths.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS, consoleConfig: THREE_WORKSPACES });

async function openAsAuditor(page: Page, workspace: DemoWorkspace, path: string): Promise<void> {
  await page.goto(`/sign-in?next=${path}`);
  await signIn(page, workspace, 'OAuth', workspace.nonAdmin);
  await expect(accountButton(page)).toBeVisible();
}

test('an auditor can view everything, is offered no changes, and is refused at the URL of one', async ({
  page,
  workspace,
}) => {
  await openAsAuditor(page, workspace, TOKENS_PATH);
  await expect(page.getByRole('banner')).toContainText('Auditor (view only)');
  await expect(page.getByRole('table').getByRole('rowheader')).toHaveCount(30);
  await expect(page.getByRole('button', { name: 'Revoke' })).toHaveCount(0);
  await page.goto(SETTINGS_PATH);
  await expect(page.getByRole('switch', { name: 'Personal Access Tokens' })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toHaveCount(0);
  await checkLayoutAndA11y(page);
  await page.goto(PERMISSIONS_PATH);
  await expect(page.getByRole('row').filter({ hasText: 'admins' })).toBeVisible();
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  const response = await page.goto(`${SETTINGS_PATH}/switch?to=off`);
  expect(response!.status()).toBe(403);
  await expect(page.getByRole('heading', { name: 'View only' })).toBeVisible();
  await checkLayoutAndA11y(page);

  // The auditor connection loses its rights. That has an error page of its own, and does not sign the auditor out.
  await workspace.change({ change: 'remove_admin', user_name: workspace.announced.service_principal.client_id });
  await page.goto(SETTINGS_PATH);
  await expect(page.getByRole('heading', { name: 'The auditor connection is not working' })).toBeVisible();
  await expect(accountButton(page)).toBeVisible();
});
