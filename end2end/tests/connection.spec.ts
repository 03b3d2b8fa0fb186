// The connection drops, or the session ends, while someone is working: the page stays, and nothing is lost.

import type { Page } from '@playwright/test';

import { calls, openAsAdmin, signIn, statusMessage, tokenRow } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { PERMISSIONS_PATH, TOKENS_API, TOKENS_PATH } from '../support/paths.ts';

const COMMENT = 'connection: example';

function createToken(workspace: DemoWorkspace) {
  return workspace.createToken({
    owner: workspace.otherAdmin.user_name,
    comment: COMMENT,
    created_days_ago: 0,
    lifetime_days: 90,
  });
}

/** The confirmation for revoking the token, with a reason typed. */
async function openRevocation(page: Page, workspace: DemoWorkspace, console: Console) {
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=${encodeURIComponent(COMMENT)}`);
  await waitForHydration(page);
  await tokenRow(page, COMMENT)
    .getByRole('button', { name: /^Revoke / })
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /Reason/ }).fill('leaked in a log');
  return dialog;
}

test(
  'without a connection the list stays, says so, and can be tried again',
  { tag: '@C1' },
  async ({ page, workspace, console, context }) => {
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    const rows = await page.getByRole('rowheader').allTextContents();
    await context.setOffline(true);
    const search = page.getByRole('searchbox', { name: 'Search by comment, owner or ID' });
    await search.fill('airflow');
    const alert = page.getByRole('alert').filter({ hasText: 'No connection.' });
    await expect(alert).toContainText(/^No connection\. The list is from \d\d:\d\d:\d\d UTC\. Retry$/);
    expect(await page.getByRole('rowheader').allTextContents()).toEqual(rows);
    await page.getByRole('link', { name: 'Activity' }).click();
    await expect(alert).toBeVisible();
    await expect(search).toHaveValue('airflow');
    await search.fill('airflow ');
    await context.setOffline(false);
    await search.fill('airflow');
    await expect(page).toHaveURL(/q=airflow/);
    await expect(alert).toHaveCount(0);
  },
);

test(
  'a form is not sent without a connection, and what was typed stays',
  { tag: '@C1' },
  async ({ page, workspace, console, context }) => {
    const { token_id } = await createToken(workspace);
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}/${token_id}`);
    await waitForHydration(page);
    await page.getByText('Change comment').click();
    await page.getByRole('textbox', { name: 'New comment' }).fill('changed offline');
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Save comment' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'No connection. Nothing was sent.' });
    await expect(alert).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'New comment' })).toHaveValue('changed offline');
    await context.setOffline(false);
    await alert.getByRole('button', { name: 'Retry' }).click();
    await expect(statusMessage(page)).toContainText('Comment saved for ');
  },
);

test(
  'a confirmation without a response says that the result is unknown, and can check again',
  { tag: '@C2' },
  async ({ page, workspace, console }) => {
    await createToken(workspace);
    const dialog = await openRevocation(page, workspace, console);
    await page.route('**/api/tokens/revoke', route => route.abort('connectionreset'));
    await dialog.getByRole('button', { name: /^Revoke/ }).click();
    const alert = dialog.getByRole('alert');
    await expect(alert).toHaveText('No response. It is not known whether the token was revoked. Check again');
    await expect(dialog.getByRole('textbox', { name: /Reason/ })).toHaveValue('leaked in a log');
    await alert.getByRole('button', { name: 'Check again' }).click();
    await expect(alert).toHaveCount(0);
    await expect(dialog.getByRole('textbox', { name: /Reason/ })).toHaveValue('leaked in a log');
    await page.unroute('**/api/tokens/revoke');
    await dialog.getByRole('button', { name: /^Revoke/ }).click();
    await expect(statusMessage(page)).toContainText('was revoked.');
  },
);

test(
  'if the session ends before a confirmation, nothing is lost and nothing is sent twice',
  { tag: '@C3' },
  async ({ page, workspace, console }) => {
    await createToken(workspace);
    const dialog = await openRevocation(page, workspace, console);
    const other = await page.context().browser()!.newContext({ baseURL: console.url });
    const otherPage = await other.newPage();
    await openAsAdmin(otherPage, workspace, console, '/sessions');
    await otherPage.getByRole('button', { name: 'End all other sessions' }).click();
    await expect(statusMessage(otherPage)).toContainText('This is your only session.');
    await other.close();

    await dialog.getByRole('button', { name: /^Revoke/ }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
    await expect(statusMessage(page)).toContainText('Your session ended. The change was not made.');
    expect(page.url()).not.toContain('leaked');
    await signIn(page, workspace, 'OAuth');
    await expect(page.getByRole('alert').filter({ hasText: 'Your session ended before this was sent.' })).toBeVisible();
    await expect(page.getByRole('textbox', { name: /Reason/ })).toHaveValue('leaked in a log');
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(0);
    await page.getByRole('button', { name: /^Revoke/ }).click();
    await expect(statusMessage(page)).toContainText('was revoked.');
  },
);

test(
  'a selection of 120 tokens keeps every URL short, and survives paging, sorting and a reload',
  { tag: '@C4' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    const urls: string[] = [];
    page.on('request', request => urls.push(request.url()));
    const all = page.getByRole('checkbox', { name: 'Select all on this page' });
    const selected = page.getByRole('group', { name: 'Selection' });
    await all.check();
    await page.getByRole('link', { name: 'Next' }).click();
    await expect(page.getByRole('navigation', { name: 'Pages' })).toContainText('Page 2 of');
    await expect(selected).toContainText('50 selected');
    await waitForHydration(page);
    await all.check();
    await page.getByRole('link', { name: /^Created/ }).click();
    await expect(selected).toContainText('100 selected');
    await expect(page.getByRole('columnheader', { name: 'Created' })).toHaveAttribute('aria-sort', 'ascending');
    await expect(page).toHaveURL(/draft=[0-9a-f]{32}/);
    await page.reload();
    await expect(selected).toContainText('100 selected');
    await waitForHydration(page);
    await page
      .getByRole('checkbox', { name: /^Select /, checked: false })
      .nth(1)
      .check();
    await expect(selected).toContainText(/10[01] selected/);
    await selected.getByRole('button', { name: 'Review selected' }).click();
    await expect(page.getByRole('heading', { level: 1, name: /^Revoke 10\d tokens$/ })).toBeVisible();
    for (const url of urls) expect(url.length).toBeLessThan(2048);
  },
);

test('two hundred edits of permissions survive a reload', { tag: '@C4' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, PERMISSIONS_PATH);
  await waitForHydration(page);
  const opened = await page.locator('#editor input[name=opened]').inputValue();
  const form = new URLSearchParams({ opened });
  for (let n = 0; n < 200; n++) form.append('add', `user:person-${n}@acme.example`);
  const url = await page.evaluate(
    async ([target, body]) => {
      const response = await fetch(target!, {
        method: 'POST',
        body: new URLSearchParams(body),
        headers: { Accept: 'text/uri-list' },
      });
      return response.text();
    },
    [`/api/open?page=${encodeURIComponent(PERMISSIONS_PATH)}`, form.toString()],
  );
  expect(url.length).toBeLessThan(1024);
  await page.goto(url);
  await expect(page.getByText('will be added')).toHaveCount(200);
  await waitForHydration(page);
  await page.getByRole('button', { name: 'Undo addition of person-7@acme.example' }).click();
  await expect(page.getByText('will be added')).toHaveCount(199);
});

test(
  'a proxy that redirects to its own sign-in page is reported, and nothing that was typed is lost',
  { tag: '@C1' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    const redirect = { status: 302, headers: { location: 'https://proxy.example/sign-in' } };
    await page.route('**/healthz', route => route.fulfill(redirect));
    await page.route('**/tokens?q=*', route => route.abort('failed'));
    const search = page.getByRole('searchbox', { name: 'Search by comment, owner or ID' });
    await search.fill('airflow');
    const alert = page.getByRole('alert').filter({ hasText: 'Your session with the proxy may have ended. Reload' });
    await expect(alert).toBeVisible();
    await expect(search).toHaveValue('airflow');
  },
);
