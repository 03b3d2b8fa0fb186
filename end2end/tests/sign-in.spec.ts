// Signing in and staying in: where it leads, who is refused, what is kept, and what an address from elsewhere cannot do.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { openAsAdmin, openSignedIn, said, signIn, tokenSwitch } from '../support/console-page.ts';
import { failureCode } from '../support/problems.ts';
import { BY_THE_CLOCK, expect, hydrated, test } from '../support/fixtures.ts';

const ADVANCED = '/w/acme-prod/settings/advanced';
const FIND = '/w/acme-prod/find';

async function expectSignInPage(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
}

/** That nobody is signed in: the session leads nowhere, though its cookie be kept. */
async function expectSignedOut(page: Page): Promise<void> {
  await page.goto(FIND);
  await expectSignInPage(page);
}

function failure(page: Page) {
  return page.getByRole('alert').filter({ hasText: /./ });
}

for (const way of ['OAuth', 'PAT'] as const) {
  test(`a deep link comes back after signing in by ${way}`, async ({ page, workspace }) => {
    const deep = '/w/acme-prod/tokens?q=ci+deploys&status=active';
    await page.goto(deep);
    await expectSignInPage(page);
    await signIn(page, workspace, way);
    await expect(page.getByRole('searchbox', { name: 'Search by comment or ID' })).toHaveValue('ci deploys');
    const { pathname, searchParams } = new URL(page.url());
    expect(pathname).toBe('/w/acme-prod/tokens');
    expect(Object.fromEntries(searchParams)).toEqual({ q: 'ci deploys', status: 'active' });
  });

  test(`somebody who is no admin is refused by ${way}, in so many words, and nothing is kept`, async ({
    page,
    workspace,
  }) => {
    await page.goto('/sign-in');
    await signIn(page, workspace, way, workspace.nonAdmin);
    await expect(failure(page)).toContainText('You are not an admin of the workspace');
    await expect(page.getByRole('button', { name: 'Sign out' })).toHaveCount(0);
    await expectSignedOut(page);
  });
}

for (const next of ['https://evil.example/', '//evil.example/', '/\\evil.example']) {
  test(`next=${JSON.stringify(next)} leads to no other site`, async ({ page, workspace, console }) => {
    const hosts = new Set<string>();
    page.on('request', request => hosts.add(new URL(request.url()).host));
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await signIn(page, workspace, 'PAT');
    await expect(
      page
        .getByRole('button', { name: 'Sign out' })
        .or(page.getByRole('heading', { name: 'Page not found' }))
        .first(),
    ).toBeVisible();
    await page.goto(`/sign-in/oauth?workspace=acme-prod&next=${encodeURIComponent(next)}`);
    await page.getByRole('button', { name: `Sign in as ${workspace.admin.display_name}` }).click();
    await expect(
      page
        .getByRole('button', { name: 'Sign out' })
        .or(page.getByRole('heading', { name: 'Page not found' }))
        .first(),
    ).toBeVisible();
    expect([...hosts].sort()).toEqual([new URL(console.url).host, new URL(workspace.url).host].sort());
  });
}

test('a wrong token is refused, said so, and kept nowhere', async ({ page }) => {
  await page.goto(ADVANCED);
  await page.getByLabel('Access token').fill('dapi00000000000000000000000000000000');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(failure(page)).toContainText('The workspace rejected this credential');
  await expect(page.getByLabel('Access token')).toHaveValue('');
  expect(page.url()).not.toContain('dapi');
  await expectSignedOut(page);
});

test('an unreachable workspace is told apart from a wrong token', async ({ page, workspace }) => {
  await page.goto('/sign-in');
  await workspace.fault({ path: '/', times: 'forever', effect: { kind: 'reset' } });
  await signIn(page, workspace, 'PAT');
  await expect(failure(page)).toContainText('Cannot connect to the workspace');
});

test('turning back at the workspace is no failure of anything', async ({ page }) => {
  await page.goto(ADVANCED);
  await page.getByRole('link', { name: 'Sign in with Databricks' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(failure(page)).toContainText('Sign-in cancelled');
  await expectSignedOut(page);
});

test('a return from OAuth that was not started here signs nobody in', async ({ page }) => {
  await page.goto('/sign-in/callback?code=stolen&state=forged');
  await expect(failure(page)).toContainText('This sign-in has expired');
  await expectSignedOut(page);
});

test('signing out ends the session on the server too', async ({ page, context, workspace }) => {
  await openSignedIn(page, workspace, ADVANCED);
  const before = await context.cookies();
  expect(before).toHaveLength(1);
  expect(before[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(said(page)).toContainText('You are signed out.');
  await context.clearCookies();
  await context.addCookies(before);
  await expectSignedOut(page);
});

test('the session has a new id after signing in', async ({ page, context, workspace }) => {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Sign in with Databricks' }).click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
  const before = await context.cookies();
  await page.getByRole('button', { name: `Sign in as ${workspace.admin.display_name}` }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  const after = await context.cookies();
  expect(before.filter(cookie => cookie.domain === '127.0.0.1')).toHaveLength(1);
  expect(after.find(cookie => cookie.name === before[0]!.name)!.value).not.toBe(before[0]!.value);
  await context.clearCookies();
  await context.addCookies(before);
  await expectSignedOut(page);
});

test('a session survives a restart of the console', async ({ page, workspace, console }) => {
  await openSignedIn(page, workspace, ADVANCED);
  await console.restart();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText(workspace.admin.user_name);
});

test('a credential that has ended leads to the sign-in and back', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, '/w/acme-prod/tokens?q=ci+deploys');
  await workspace.change({ change: 'deactivate', user_name: workspace.admin.user_name });
  await page.goto(ADVANCED);
  await expectSignInPage(page);
  await workspace.change({ change: 'activate', user_name: workspace.admin.user_name });
  await signIn(page, workspace, 'PAT');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
});

test(
  'for a minute on access tokens of 20 seconds nothing is noticed',
  { tag: BY_THE_CLOCK },
  async ({ page, workspace }) => {
    test.setTimeout(120_000);
    await workspace.change({ change: 'set_knobs', knobs: { access_token_seconds: 20 } });
    await openSignedIn(page, workspace, ADVANCED);
    const began = Date.now();
    const main = page.getByRole('navigation', { name: 'Main' });
    while (Date.now() - began < 60_000) {
      await main.getByRole('link', { name: 'Tokens' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
      await page.getByRole('button', { name: 'Refresh', exact: true }).click();
      await expect(page.getByRole('table')).toBeVisible();
      await main.getByRole('link', { name: 'Settings' }).click();
      await expect(tokenSwitch(page)).toBeChecked();
    }
    const log = await workspace.log();
    expect(
      log.filter(call => call.path.startsWith('/oidc/') && call.path.endsWith('/token') && call.status === 200).length,
    ).toBeGreaterThanOrEqual(4);
    expect(log.filter(call => call.status === 401 || call.status === 403)).toEqual([]);
  },
);

test('the bytes of a credential are in no file of the console, nor in its log', async ({
  page,
  workspace,
  console,
}) => {
  const { pat } = workspace.admin;
  await openAsAdmin(page, workspace, console, '/w/acme-prod/tokens');
  await expect(page.getByRole('table')).toBeVisible();
  const files = await readdir(console.dataDir);
  expect(files.filter(name => name.includes('.db') || name.includes('.sqlite')).length).toBeGreaterThan(0);
  // SQLite writes into its -wal first.
  expect(files.some(name => name.endsWith('-wal'))).toBe(true);
  let stored = 0;
  for (const name of files) {
    const bytes = await readFile(join(console.dataDir, name));
    stored += bytes.length;
    for (const form of [
      pat,
      pat.slice(4),
      Buffer.from(pat).toString('base64').slice(0, 40),
      Buffer.from(pat).toString('hex'),
    ]) {
      expect(bytes.includes(form), `${form} in ${name}`).toBe(false);
    }
    // It looked where things are written: who signed in is there to be read.
    if (name.endsWith('-wal')) expect(bytes.includes(workspace.admin.user_name)).toBe(true);
  }
  expect(stored).toBeGreaterThan(0);
  expect(console.log).not.toContain(pat.slice(4));
  expect(await page.content()).not.toContain(pat.slice(4));
});

test.describe('addresses that somebody else made up', () => {
  const token = `/w/acme-prod/tokens/${'e'.repeat(64)}`;
  const pages = [
    '/sign-in',
    '/w/acme-prod/tokens',
    token,
    `${token}/revoke`,
    FIND,
    ADVANCED,
    `${ADVANCED}/switch?to=off`,
  ];
  const garbage = encodeURIComponent(Buffer.from('<img src=x onerror=alert(1)>').toString('base64'));
  const forged: [string, string][] = [
    ['a failure that is no base64, a switch that nobody moved', '__err=%25%25%25&__path=x&done=switch&to=off'],
    ['a failure that is no code, a revocation that was not', `__err=${garbage}&done=revoked&token=${'a'.repeat(64)}`],
    [
      'a failure that does not exist, a sign-out that was not',
      `__err=${failureCode('CallThisNumber')}&done=signed-out`,
    ],
    [
      'words for a request id, access that was not lost',
      `__err=${failureCode('NotAdmin', 'Call +1 555 0100 now')}&done=own-access-ended&next=%2Fw%2Facme-prod`,
    ],
    ['a result that is nothing', 'done=%3Cscript%3Ealert(1)%3C/script%3E&token=%00'],
  ];
  for (const [name, query] of forged) {
    test(`${name}: every page lives on and tells nothing untrue`, async ({ page, workspace, console }) => {
      await openAsAdmin(page, workspace, console, FIND);
      for (const path of pages) {
        const response = await page.goto(`${path}${path.includes('?') ? '&' : '?'}${query}`);
        expect(response!.status(), path).toBeLessThan(500);
        if (path !== '/sign-in') await hydrated(page);
        await expect(page.getByRole('heading', { level: 1 }), path).toHaveCount(1);
        await expect(said(page), path).toHaveText('');
        await expect(page.getByRole('main'), path).not.toContainText(/555|CallThis|alert\(1\)/);
      }
      await page.goto('/w/acme-prod/tokens');
      await expect(page.getByRole('table')).toBeVisible();
    });
  }
});

test('A3: before a sign-in ends the page warns, and what was typed stays', async ({ page, workspace, console }) => {
  await page.clock.install();
  await openAsAdmin(page, workspace, console, '/w/acme-prod/settings/advanced');
  await hydrated(page);
  const warning = page.getByText('Your session ends at');
  const lifetime = page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' });
  await lifetime.fill('77');
  // An hour without a request ends it.
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
});

test('a browser that keeps the style sheet is only told its name, and looks the same', async ({ page, context }) => {
  await page.goto('/sign-in');
  await hydrated(page);
  const within = page.locator('style[data-styles]');
  await expect(within).toHaveCount(1);
  const background = () =>
    page.evaluate(
      () =>
        getComputedStyle(document.body).backgroundColor +
        getComputedStyle(document.querySelector('.card')!).borderRadius,
    );
  const before = await background();
  await expect.poll(async () => (await context.cookies()).map(cookie => cookie.name)).toContain('styles');
  const asked: string[] = [];
  page.on('request', request => asked.push(new URL(request.url()).pathname));
  await page.goto('/sign-in');
  await expect(within).toHaveCount(0);
  expect(await background()).toBe(before);
  await context.addCookies([{ name: 'styles', value: '/pkg/another.css', url: page.url() }]);
  await page.goto('/sign-in');
  await expect(within).toHaveCount(1);
  expect(asked).not.toContain('/pkg/another.css');
});
