// A team's console: several workspaces with their colours, people who only read, and looking after one's own sign-ins.

import type { Page } from '@playwright/test';

import { TOKENS_API, openAsAdmin, said, signIn } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { checkLooks } from '../support/page-checks.ts';
import { expect, test } from '../support/fixtures.ts';

test.use({
  workspaceArguments: ['--tokens', '30', '--users', '60'],
  consoleConfig: `
    [[workspace]]
    name = "acme-prod"
    url = "{URL}"
    environment = "production"
    oauth_client_id = "{OAUTH}"
    auditor_users = ["{NON_ADMIN}"]
    reader_client_id = "{READER}"
    reader_client_secret_file = "{READER_SECRET}"

    [[workspace]]
    name = "acme-staging"
    url = "{URL}"
    environment = "staging"
    colour = "amber"

    [[workspace]]
    name = "acme-lab"
    url = "{URL}"
    colour = "violet"
  `,
});

const overviewRow = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name }) });

/** Signs in to the staging workspace too. */
async function alsoToStaging(page: Page, workspace: DemoWorkspace): Promise<void> {
  await page.goto('/sign-in?next=/w/acme-staging/tokens');
  const way = page.getByRole('region', { name: 'acme-staging' });
  await way.getByLabel('Access token').fill(workspace.admin.pat);
  await way.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(/\/w\/acme-staging\/tokens/);
}

async function asAuditor(page: Page, workspace: DemoWorkspace, path: string): Promise<void> {
  await page.goto(`/sign-in?next=${path}`);
  await signIn(page, workspace, 'OAuth', workspace.nonAdmin);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
}

test('the overview: side by side, one that fails hides no other, one without a sign-in offers it', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, '/healthz');
  await alsoToStaging(page, workspace);
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
  await checkLooks(page);

  // Only prod was forgotten and is read anew; the workspace answers with a web page.
  await page.request.post('/api/tokens/refresh', {
    form: { workspace: 'acme-prod', back: '/' },
    headers: { origin: console.url },
    maxRedirects: 0,
  });
  await workspace.fault({
    method: 'GET',
    path: TOKENS_API,
    effect: { kind: 'answer', status: 200, body: { kind: 'html', message: 'Log in' } },
  });
  await page.goto('/');
  await expect(overviewRow(page, 'acme-prod')).toContainText('Unexpected response from acme-prod');
  await expect(overviewRow(page, 'acme-staging')).toContainText('no custom limit');
});

test('the switcher, by keyboard; each page and dialog names the workspace', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, '/healthz');
  await alsoToStaging(page, workspace);
  await page.goto('/w/acme-prod/tokens');
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

test('without JavaScript the switcher works too', async ({ browser, workspace, console }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: console.url });
  const page = await context.newPage();
  await openAsAdmin(page, workspace, console, '/w/acme-prod/settings/advanced');
  await page.getByRole('button', { name: /^production acme-prod \S+, switch workspace$/ }).click();
  await page.getByRole('link', { name: 'All workspaces' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Workspaces' })).toBeVisible();
  await context.close();
});

test('an auditor reads everything, is offered no change, and is told so where an address leads to one', async ({
  page,
  workspace,
}) => {
  await asAuditor(page, workspace, '/w/acme-prod/tokens');
  await expect(page.getByRole('banner')).toContainText('Auditor (view only)');
  await expect(page.getByRole('table').getByRole('rowheader')).toHaveCount(30);
  await expect(page.getByRole('button', { name: 'Revoke' })).toHaveCount(0);
  await page.goto('/w/acme-prod/settings/advanced');
  await expect(page.getByRole('switch', { name: 'Personal Access Tokens' })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toHaveCount(0);
  await checkLooks(page);
  await page.goto('/w/acme-prod/settings/advanced/permissions');
  await expect(page.getByRole('row').filter({ hasText: 'admins' })).toBeVisible();
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  const response = await page.goto('/w/acme-prod/settings/advanced/switch?to=off');
  expect(response!.status()).toBe(403);
  await expect(page.getByRole('heading', { name: 'View only' })).toBeVisible();
  await checkLooks(page);

  // What they read through loses its rights: a page of its own, and nobody is signed out.
  await workspace.change({ change: 'remove_admin', user_name: workspace.announced.service_principal.client_id });
  await page.goto('/w/acme-prod/settings/advanced');
  await expect(page.getByRole('heading', { name: 'The auditor connection is not working' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
});

async function anotherBrowser(page: Page, workspace: DemoWorkspace, console: Console) {
  const context = await page.context().browser()!.newContext({ baseURL: console.url });
  const other = await context.newPage();
  await openAsAdmin(other, workspace, console, '/w/acme-prod/tokens');
  return other;
}

test("one's own sign-ins: known by browser and time, ended one by one or all others", async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, '/w/acme-prod/tokens');
  const [second, third] = [
    await anotherBrowser(page, workspace, console),
    await anotherBrowser(page, workspace, console),
  ];
  await page
    .getByRole('link', { name: new RegExp(workspace.admin.user_name) })
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your sessions' })).toBeVisible();
  const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
  await expect(rows).toHaveCount(3);
  await expect(rows.filter({ hasText: 'This browser' })).toHaveCount(1);
  for (const text of ['Chrome on Linux', 'acme-prod', 'personal access token', 'UTC'])
    await expect(rows.first()).toContainText(text);
  await checkLooks(page);

  await rows
    .filter({ hasNotText: 'This browser' })
    .first()
    .getByRole('button', { name: /^End session: Chrome on Linux/ })
    .click();
  await expect(rows).toHaveCount(2);
  await page.getByRole('button', { name: 'End all other sessions' }).click();
  await expect(said(page)).toContainText('This is your only session.');
  await expect(rows).toHaveCount(1);
  for (const other of [second, third]) {
    await expect(async () => {
      await other.goto('/w/acme-prod/tokens');
      await expect(other).toHaveURL(/\/sign-in/, { timeout: 500 });
    }).toPass();
    await other.context().close();
  }
  await page.goto('/w/acme-prod/tokens');
  await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
});
