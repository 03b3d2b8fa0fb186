// A console for several workspaces: the overview, the workspace menu, and environments.

import type { Page } from '@playwright/test';

import { openAsAdmin, signInToStaging } from '../support/console-page.ts';
import { THREE_WORKSPACES } from '../support/console.ts';
import { ONE_PAGE_OF_TOKENS, expect, test, waitForHydration } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
import { SETTINGS_PATH, TOKENS_API, TOKENS_PATH } from '../support/paths.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS, consoleConfig: THREE_WORKSPACES });

const overviewRow = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'Workspaces' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name }) });

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
    for (const text of ['Personal access tokens On', '730 days (platform)', workspace.admin.user_name])
      await expect(overviewRow(page, name)).toContainText(text);
  }
  await expect(overviewRow(page, 'acme-prod')).toContainText('production');
  await expect(
    overviewRow(page, 'acme-lab').getByRole('link', { name: 'Use an access token for acme-lab' }),
  ).toHaveAttribute('href', '/sign-in?next=%2Fw%2Facme-lab%2Ftokens');
  await checkLayoutAndA11y(page);
  const expiring = overviewRow(page, 'acme-prod').getByRole('link', { name: / Expiring in 7 days in acme-prod$/ });
  const number = (await expiring.innerText()).split(/\s/)[0]!;
  await expiring.click();
  await expect(page.getByRole('table')).toContainText(`${number} of 30 tokens`);

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
  await expect(overviewRow(page, 'acme-prod').getByRole('link', { name: 'Retry acme-prod' })).toBeVisible();
  await expect(overviewRow(page, 'acme-staging')).toContainText('730 days (platform)');
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('one lookup asks every workspace for a leaked token', async ({ page, workspace, console }) => {
      await openAsAdmin(page, workspace, console, '/healthz');
      await signInToStaging(page, workspace);
      await page.goto('/');
      if (javaScriptEnabled) await waitForHydration(page);
      const value = workspace.nonAdmin.pat;
      const sent: string[] = [];
      page.on('request', request => sent.push(`${request.url()} ${request.postData() ?? ''}`));
      await page.getByLabel('Leaked value').fill(`export TOKEN="${value}"`);
      await page.getByRole('button', { name: 'Find' }).click();
      await expect(page.getByRole('heading', { level: 2, name: 'Found in acme-prod, acme-staging' })).toHaveText(
        'Found in acme-prod, acme-staging; 1 workspace could not be searched',
      );
      await expect(page.getByRole('row', { name: /^No\. 1.* acme-lab/ })).toContainText('Not signed in');
      await expect(
        page.getByRole('row', { name: /^No\. 1.* acme-staging/ }).getByRole('link', { name: 'Revoke' }),
      ).toHaveAttribute('href', /^\/w\/acme-staging\/tokens\/[0-9a-f]{64}\/revoke$/);
      expect(sent.filter(request => request.includes(value.slice(4)))).toHaveLength(javaScriptEnabled ? 0 : 1);
      expect(sent.filter(request => request.split(' ')[0]!.includes('dapi'))).toEqual([]);
      if (javaScriptEnabled) await checkLayoutAndA11y(page);
    });

    test('a value that is not in one workspace is looked up in all', async ({ page, workspace, console }) => {
      await openAsAdmin(page, workspace, console, '/healthz');
      await signInToStaging(page, workspace);
      await page.goto('/w/acme-prod/tokens');
      if (javaScriptEnabled) await waitForHydration(page);
      const search = page.getByRole('searchbox', { name: 'Search tokens, people and IDs' });
      await search.fill('dapi00000000000000000000000000000000');
      await search.press('Enter');
      await page.getByRole('button', { name: 'Look in all workspaces' }).click();
      await expect(page.getByRole('heading', { level: 2, name: /^Not found in 2 workspaces/ })).toBeVisible();
    });

    test('the workspaces are sorted by a number', async ({ page, workspace, console }) => {
      await openAsAdmin(page, workspace, console, '/');
      const order = page.getByRole('navigation', { name: 'Order of the workspaces' });
      await order.getByRole('link', { name: 'Never expire' }).click();
      await expect(page).toHaveURL(/\?sort=never-expire$/);
      await expect(order.getByRole('link', { name: 'Never expire' })).toHaveAttribute('aria-current', 'true');
      await expect(page.getByRole('list', { name: 'Workspaces' }).getByRole('heading').first()).toContainText(
        'acme-prod',
      );
    });
  });
}

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
  await expect(workspaces.getByRole('link')).toHaveText([/acme-prod/, /acme-staging/, /acme-lab/, 'All workspaces']);
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
