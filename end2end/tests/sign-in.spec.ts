// Signing in and staying signed in: the page that follows, refusals, stored data, and forged URLs.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import {
  SIGN_IN_METHODS,
  accountButton,
  openAsAdmin,
  openSignedIn,
  signIn,
  signOut,
  statusMessage,
  tokenSwitch,
} from '../support/console-page.ts';
import { TIMING_SENSITIVE, expect, test, waitForHydration } from '../support/fixtures.ts';
import { FIND_LEAKED_PATH, SETTINGS_PATH, TOKENS_PATH } from '../support/paths.ts';
import { failureCode } from '../support/problems.ts';

async function expectSignInPage(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
}

/** Expects that the session has ended, even if the browser still has its cookie. */
async function expectSignedOut(page: Page): Promise<void> {
  await page.goto(FIND_LEAKED_PATH);
  await expectSignInPage(page);
}

function failure(page: Page) {
  return page.getByRole('alert').filter({ hasText: /./ });
}

test('the access token is masked, and no password manager takes the field for a password', async ({ page }) => {
  await page.goto('/sign-in');
  const field = page.getByLabel('Access token');
  await expect(field).toHaveAttribute('type', 'text');
  await expect(field).toHaveAttribute('autocomplete', 'off');
  await expect(field).toHaveCSS('-webkit-text-security', 'disc');
});

for (const method of SIGN_IN_METHODS) {
  test(`a deep link is opened after signing in by ${method}`, async ({ page, workspace }) => {
    await page.goto(`${TOKENS_PATH}?q=ci+deploys&status=active`);
    await expectSignInPage(page);
    await signIn(page, workspace, method);
    await expect(page.getByRole('searchbox', { name: 'Search by comment, owner or ID' })).toHaveValue('ci deploys');
    const { pathname, searchParams } = new URL(page.url());
    expect(pathname).toBe(TOKENS_PATH);
    expect(Object.fromEntries(searchParams)).toEqual({ q: 'ci deploys', status: 'active' });
  });

  test(`someone who is not an admin is told so when signing in by ${method}, and gets no session`, async ({
    page,
    workspace,
  }) => {
    await page.goto('/sign-in');
    await signIn(page, workspace, method, workspace.nonAdmin);
    await expect(failure(page)).toContainText('You are not an admin of acme-prod');
    await expect(accountButton(page)).toHaveCount(0);
    await expectSignedOut(page);
  });
}

for (const next of ['https://evil.example/', '//evil.example/', '/\\evil.example']) {
  test(`next=${JSON.stringify(next)} does not lead to another site`, async ({ page, workspace, console }) => {
    const hosts = new Set<string>();
    page.on('request', request => hosts.add(new URL(request.url()).host));
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await signIn(page, workspace, 'PAT');
    await expect(
      accountButton(page)
        .or(page.getByRole('heading', { name: 'Page not found' }))
        .first(),
    ).toBeVisible();
    await page.goto(`/sign-in/oauth?workspace=acme-prod&next=${encodeURIComponent(next)}`);
    await page.getByRole('button', { name: `Sign in as ${workspace.admin.display_name}` }).click();
    await expect(
      accountButton(page)
        .or(page.getByRole('heading', { name: 'Page not found' }))
        .first(),
    ).toBeVisible();
    expect([...hosts].sort()).toEqual([new URL(console.url).host, new URL(workspace.url).host].sort());
  });
}

test('a wrong token is rejected with a message, and stored nowhere', async ({ page }) => {
  await page.goto(SETTINGS_PATH);
  await page.getByLabel('Access token').fill('dapi00000000000000000000000000000000');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(failure(page)).toContainText('acme-prod rejected this credential');
  await expect(page.getByLabel('Access token')).toHaveValue('');
  expect(page.url()).not.toContain('dapi');
  await expectSignedOut(page);
});

test('an unreachable workspace is not reported as a wrong token', async ({ page, workspace }) => {
  await page.goto('/sign-in');
  await workspace.addFault({ path: '/', times: 'forever', effect: { kind: 'reset' } });
  await signIn(page, workspace, 'PAT');
  await expect(failure(page)).toContainText('Cannot connect to acme-prod');
});

test('cancelling at the workspace is reported as cancelled', async ({ page }) => {
  await page.goto(SETTINGS_PATH);
  await page.getByRole('link', { name: 'Sign in with Databricks' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(failure(page)).toContainText('Sign-in cancelled');
  await expectSignedOut(page);
});

test('an OAuth callback that was not started here signs no one in', async ({ page }) => {
  await page.goto('/sign-in/callback?code=stolen&state=forged');
  await expect(failure(page)).toContainText('This sign-in has expired');
  await expectSignedOut(page);
});

test('signing out ends the session on the server too', async ({ page, context, workspace }) => {
  await openSignedIn(page, workspace, SETTINGS_PATH);
  const before = await context.cookies();
  expect(before).toHaveLength(1);
  expect(before[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  await signOut(page);
  await expect(statusMessage(page)).toContainText('You are signed out.');
  await context.clearCookies();
  await context.addCookies(before);
  await expectSignedOut(page);
});

test('the session has a new ID after signing in', async ({ page, context, workspace }) => {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Sign in with Databricks' }).click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
  const before = await context.cookies();
  await page.getByRole('button', { name: `Sign in as ${workspace.admin.display_name}` }).click();
  await expect(accountButton(page)).toBeVisible();
  const after = await context.cookies();
  expect(before.filter(cookie => cookie.domain === '127.0.0.1')).toHaveLength(1);
  expect(after.find(cookie => cookie.name === before[0]!.name)!.value).not.toBe(before[0]!.value);
  await context.clearCookies();
  await context.addCookies(before);
  await expectSignedOut(page);
});

test('a session survives a restart of the console', async ({ page, workspace, console }) => {
  await openSignedIn(page, workspace, SETTINGS_PATH);
  await console.restart();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText(workspace.admin.user_name);
});

test('a credential that stops working leads to the sign-in page, and back after signing in again', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=ci+deploys`);
  await workspace.change({ change: 'deactivate', user_name: workspace.admin.user_name });
  await page.goto(SETTINGS_PATH);
  await expectSignInPage(page);
  await workspace.change({ change: 'activate', user_name: workspace.admin.user_name });
  await signIn(page, workspace, 'PAT');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
});

test(
  'access tokens that last 20 seconds are refreshed unnoticed for a minute',
  { tag: TIMING_SENSITIVE },
  async ({ page, workspace }) => {
    test.setTimeout(120_000);
    await workspace.change({ change: 'set_knobs', knobs: { access_token_seconds: 20 } });
    await openSignedIn(page, workspace, SETTINGS_PATH);
    const startedAt = Date.now();
    const navigation = page.getByRole('navigation', { name: 'Main' });
    while (Date.now() - startedAt < 60_000) {
      await navigation.getByRole('link', { name: 'Tokens' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
      await page.getByRole('button', { name: 'Refresh', exact: true }).click();
      await expect(page.getByRole('table')).toBeVisible();
      await navigation.getByRole('link', { name: 'Settings' }).click();
      await expect(tokenSwitch(page)).toBeChecked();
    }
    const log = await workspace.log();
    expect(
      log.filter(call => call.path.startsWith('/oidc/') && call.path.endsWith('/token') && call.status === 200).length,
    ).toBeGreaterThanOrEqual(4);
    expect(log.filter(call => call.status === 401 || call.status === 403)).toEqual([]);
  },
);

test("a credential is in none of the console's files, and not in its log", async ({ page, workspace, console }) => {
  const { pat } = workspace.admin;
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await expect(page.getByRole('table')).toBeVisible();
  const files = await readdir(console.dataDir);
  expect(files.filter(name => name.includes('.db') || name.includes('.sqlite')).length).toBeGreaterThan(0);
  // SQLite writes to its -wal file first.
  expect(files.some(name => name.endsWith('-wal'))).toBe(true);
  let stored = 0;
  for (const name of files) {
    const bytes = await readFile(join(console.dataDir, name));
    stored += bytes.length;
    for (const encoded of [
      pat,
      pat.slice(4),
      Buffer.from(pat).toString('base64').slice(0, 40),
      Buffer.from(pat).toString('hex'),
    ]) {
      expect(bytes.includes(encoded), `${encoded} in ${name}`).toBe(false);
    }
    // Proof that this is where the console writes: the username is in plain text.
    if (name.endsWith('-wal')) expect(bytes.includes(workspace.admin.user_name)).toBe(true);
  }
  expect(stored).toBeGreaterThan(0);
  expect(console.log).not.toContain(pat.slice(4));
  expect(await page.content()).not.toContain(pat.slice(4));
});

test.describe('forged URLs', () => {
  const token = `${TOKENS_PATH}/${'e'.repeat(64)}`;
  const pages = [
    '/sign-in',
    TOKENS_PATH,
    token,
    `${token}/revoke`,
    FIND_LEAKED_PATH,
    SETTINGS_PATH,
    `${SETTINGS_PATH}/switch?to=off`,
  ];
  const garbage = encodeURIComponent(Buffer.from('<img src=x onerror=alert(1)>').toString('base64'));
  const forged: [string, string][] = [
    ['a failure in invalid base64, and a switch that no one used', '__err=%25%25%25&__path=x&done=switch&to=off'],
    [
      'a failure that is not JSON, and a revocation that did not happen',
      `__err=${garbage}&done=revoked&token=${'a'.repeat(64)}`,
    ],
    [
      'an unknown problem, and a sign-out that did not happen',
      `__err=${failureCode('CallThisNumber')}&done=signed-out`,
    ],
    [
      'a sentence as the request ID, and access that was not lost',
      `__err=${failureCode('NotAdmin', 'Call +1 555 0100 now')}&done=own-access-ended&next=%2Fw%2Facme-prod`,
    ],
    ['an unknown result', 'done=%3Cscript%3Ealert(1)%3C/script%3E&token=%00'],
  ];
  for (const [name, query] of forged) {
    test(`${name}: every page works and says nothing untrue`, async ({ page, workspace, console }) => {
      await openAsAdmin(page, workspace, console, FIND_LEAKED_PATH);
      for (const path of pages) {
        const response = await page.goto(`${path}${path.includes('?') ? '&' : '?'}${query}`);
        expect(response!.status(), path).toBeLessThan(500);
        if (path !== '/sign-in') await waitForHydration(page);
        await expect(page.getByRole('heading', { level: 1 }), path).toHaveCount(1);
        await expect(statusMessage(page), path).toHaveText('');
        await expect(page.getByRole('main'), path).not.toContainText(/555|CallThis|alert\(1\)/);
      }
      await page.goto(TOKENS_PATH);
      await expect(page.getByRole('table')).toBeVisible();
    });
  }
});

test(
  'the page warns before the session ends, and keeps what was typed',
  { tag: '@A3' },
  async ({ page, workspace, console }) => {
    await page.clock.install();
    await openAsAdmin(page, workspace, console, SETTINGS_PATH);
    await waitForHydration(page);
    const warning = page.getByText('Your session ends at');
    const lifetime = page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' });
    await lifetime.fill('77');
    // A session ends after an hour without a request.
    await page.clock.fastForward('57:30');
    await expect(warning).toBeHidden();
    await page.clock.fastForward('01:00');
    await expect(warning).toBeVisible();
    await expect(page.getByRole('link', { name: 'sign in again in another tab' })).toHaveAttribute('target', '_blank');
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    await expect(warning).toBeHidden();
    await expect(lifetime).toHaveValue('77');
    await page.clock.fastForward('58:30');
    await expect(warning).toBeVisible();
    await page.clock.fastForward('02:00');
    await expect(page.getByText('Your session has ended.')).toBeVisible();
    await expect(warning).toBeHidden();
    await expect(lifetime).toHaveValue('77');
  },
);

test('a browser that caches the style sheet receives only its name, and the page looks the same', async ({
  page,
  context,
}) => {
  await page.goto('/sign-in');
  await waitForHydration(page);
  const inlineStyles = page.locator('style[data-styles]');
  await expect(inlineStyles).toHaveCount(1);
  const background = () =>
    page.evaluate(
      () =>
        getComputedStyle(document.body).backgroundColor +
        getComputedStyle(document.querySelector('.card')!).borderRadius,
    );
  const before = await background();
  const name = `styles_${new URL(page.url()).port}`;
  await expect.poll(async () => (await context.cookies()).map(cookie => cookie.name)).toContain(name);
  const requestedPaths: string[] = [];
  page.on('request', request => requestedPaths.push(new URL(request.url()).pathname));
  await page.goto('/sign-in');
  await expect(inlineStyles).toHaveCount(0);
  expect(await background()).toBe(before);
  await context.addCookies([{ name, value: '/pkg/another.css', url: page.url() }]);
  await page.goto('/sign-in');
  await expect(inlineStyles).toHaveCount(1);
  expect(requestedPaths).not.toContain('/pkg/another.css');
});
