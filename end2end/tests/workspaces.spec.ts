// A console for several workspaces: the overview, the workspace menu, and environments.

import type { Page } from '@playwright/test';

import { openAsAdmin } from '../support/console-page.ts';
import { THREE_WORKSPACES } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { ONE_PAGE_OF_TOKENS, expect, test } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
import { SETTINGS_PATH, TOKENS_API, TOKENS_PATH } from '../support/paths.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS, consoleConfig: THREE_WORKSPACES });

const overviewRow = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name }) });

/** Signs the admin in to acme-staging, in addition to other workspaces. */
async function signInToStaging(page: Page, workspace: DemoWorkspace): Promise<void> {
  await page.goto('/sign-in?next=/w/acme-staging/tokens');
  const form = page.getByRole('region', { name: 'acme-staging' });
  await form.getByLabel('Access token').fill(workspace.admin.pat);
  await form.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(/\/w\/acme-staging\/tokens/);
}

test('the overview shows every workspace, even if one fails, and offers a sign-in if one has no session', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, '/healthz');
  await signInToStaging(page, workspace);
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: 'Workspaces' })).toBeVisible();
  for (const name of ['acme-prod', 'acme-staging']) {
    for (const text of ['On', 'no custom limit', '30', 'UTC', workspace.admin.user_name])
      await expect(overviewRow(page, name)).toContainText(text);
  }
  await expect(overviewRow(page, 'acme-prod')).toContainText('production');
  await expect(overviewRow(page, 'acme-lab').getByRole('link', { name: 'Sign in' })).toHaveAttribute(
    'href',
    '/sign-in?next=%2Fw%2Facme-lab%2Ftokens',
  );
  await checkLayoutAndA11y(page);

  // After a refresh only acme-prod is read again, and the workspace returns a web page.
  await page.request.post('/api/tokens/refresh', {
    form: { workspace: 'acme-prod', back: '/' },
    headers: { origin: console.url },
    maxRedirects: 0,
  });
  await workspace.addFault({
    method: 'GET',
    path: TOKENS_API,
    effect: { kind: 'answer', status: 200, body: { kind: 'html', message: 'Log in' } },
  });
  await page.goto('/');
  await expect(overviewRow(page, 'acme-prod')).toContainText('Unexpected response from acme-prod');
  await expect(overviewRow(page, 'acme-staging')).toContainText('no custom limit');
});

test('the workspace menu works by keyboard, and pages and dialogs name their workspace', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, '/healthz');
  await signInToStaging(page, workspace);
  await page.goto(TOKENS_PATH);
  await expect(page.getByRole('banner')).toContainText('production');
  const menu = page.getByRole('button', { name: /^production acme-prod \S+, switch workspace$/ });
  await menu.focus();
  await page.keyboard.press('Enter');
  const workspaces = page.getByRole('navigation', { name: 'Workspaces' });
  await expect(workspaces.getByRole('link')).toHaveText([/acme-lab/, /acme-prod/, /acme-staging/, 'All workspaces']);
  await expect(workspaces.getByRole('link', { name: 'acme-prod' })).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('Escape');
  await expect(workspaces).toBeHidden();
  await page.keyboard.press('Enter');
  await workspaces.getByRole('link', { name: 'acme-staging' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/w\/acme-staging\/tokens/);
  await expect(page.getByRole('banner')).toContainText('staging');
  expect(await page.title()).toContain('acme-staging');

  await page.getByRole('row').getByRole('button', { name: 'Revoke' }).first().click();
  const dialog = page.getByRole('dialog');
  for (const text of ['staging', 'acme-staging', 'localhost']) await expect(dialog).toContainText(text);
});

test('the workspace menu works without JavaScript', async ({ browser, workspace, console }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: console.url });
  const page = await context.newPage();
  await openAsAdmin(page, workspace, console, SETTINGS_PATH);
  await page.getByRole('button', { name: /^production acme-prod \S+, switch workspace$/ }).click();
  await page.getByRole('link', { name: 'All workspaces' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Workspaces' })).toBeVisible();
  await context.close();
});
