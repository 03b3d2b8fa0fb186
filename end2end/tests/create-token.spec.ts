// A token for a service principal, from the list to its value: by keyboard, by an impatient finger, without JavaScript, on a phone, and where the workspace does
// not offer it. And a token's scopes, which are changed by way of a dialog.

import type { Locator, Page } from '@playwright/test';

import { calls, openAsAdmin, said } from '../support/console-page.ts';
import { expect, hydrated, test } from '../support/fixtures.ts';

const TOKENS = '/w/acme-prod/tokens';
const FORM = `${TOKENS}/new`;
const API = '/api/2.0/token-management/on-behalf-of/tokens';

const picker = (page: Page): Locator =>
  page.getByRole('combobox', { name: /service principal: name or application id/i });
const review = (page: Page): Locator => page.getByRole('button', { name: 'Review', exact: true });
const create = (page: Page): Locator => page.getByRole('button', { name: 'Create token' });
const value = (page: Page): Locator => page.getByRole('group', { name: 'Token value' }).getByRole('code');

async function choose(page: Page, name: string): Promise<void> {
  await picker(page).fill(name);
  await page.getByRole('option', { name: new RegExp(`^${name}`) }).click();
  await expect(page.getByRole('main')).toContainText(`For ${name}`);
}

test('from the list by keyboard: find, review, create; the value once, and leaving asks', async ({
  page,
  workspace,
  console,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: console.url });
  await openAsAdmin(page, workspace, console, TOKENS);
  await page.getByRole('link', { name: 'Create service principal token' }).click();
  await hydrated(page);
  await page.getByRole('textbox', { name: 'Comment' }).fill('made in a browser');
  await picker(page).focus();
  await page.keyboard.type('etl');
  await expect(page.getByRole('listbox', { name: 'Users, groups and service principals' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toContainText('For etl-nightly');
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('made in a browser');
  await page.getByRole('textbox', { name: 'Lifetime (days)' }).fill('0');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'from 1 to 730' })).toBeVisible();
  await hydrated(page);
  await page.getByRole('textbox', { name: 'Lifetime (days)' }).fill('30');
  await page.getByRole('textbox', { name: /Scopes/ }).fill('sql, jobs');
  await review(page).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Review new token' })).toBeVisible();
  for (const told of [
    'etl-nightly',
    'acme-prod',
    '30 days',
    'made in a browser',
    'sql, jobs',
    'Acting as',
    'create-obo-token',
  ]) {
    await expect(page.getByRole('main')).toContainText(told);
  }
  await hydrated(page);
  expect(await calls(workspace, 'POST', API), 'nothing is created before').toEqual([]);

  await create(page).dblclick();
  await expect(said(page)).toContainText('Token created and confirmed.');
  expect((await calls(workspace, 'POST', API)).length, 'a double click creates one').toBe(1);
  const secret = await value(page).innerText();
  expect(secret).toMatch(/^dapi[0-9a-f]{32}/);
  await hydrated(page);
  await expect(page).toHaveURL(FORM);

  const asked = page.waitForEvent('dialog');
  const leaving = page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: 'Tokens' })
    .click({ noWaitAfter: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await leaving;
  await expect(value(page)).toHaveText(secret);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  // Copied: nothing asks any more, and a reload is the empty form.
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('');
  await expect(page.getByText(secret)).toHaveCount(0);
  expect((await calls(workspace, 'POST', API)).length).toBe(1);
});

test('"Done" leaves without a question, and the token is there with its scopes', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, FORM);
  await hydrated(page);
  await choose(page, 'etl-nightly');
  await page.getByRole('textbox', { name: /Scopes/ }).fill('sql jobs');
  await review(page).click();
  await create(page).click();
  await hydrated(page);
  await page.getByRole('link', { name: 'Done' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'No comment' })).toBeVisible();
  await hydrated(page);

  await test.step('its scopes are changed in a dialog', async () => {
    await page.getByRole('textbox', { name: 'Granted scopes' }).fill('jobs, clusters');
    await page.getByRole('button', { name: 'Review scopes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change scopes' });
    await expect(dialog).toContainText('The token loses scopes.');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await dialog.getByRole('button', { name: 'Change scopes' }).click();
    await expect(said(page)).toContainText('Scopes changed.');
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('textbox', { name: 'Granted scopes' })).toHaveValue('jobs, clusters');
  });
  await test.step('and not where somebody else changed them meanwhile', async () => {
    await page.getByRole('textbox', { name: 'Granted scopes' }).fill('jobs');
    await page.getByRole('button', { name: 'Review scopes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change scopes' });
    await expect(dialog).toContainText('Removed');
    const id = new URL(page.url()).pathname.split('/').at(-1)!;
    const answer = await page.request.post('/api/tokens/scopes', {
      form: { workspace: 'acme-prod', id, opened: 'jobs, clusters', scopes: 'sql' },
      headers: { accept: 'text/html', origin: console.url },
      maxRedirects: 0,
    });
    expect(answer.headers()['location']).toContain('done=scopes');
    await dialog.getByRole('button', { name: 'Change scopes' }).click();
    await expect(dialog.getByRole('alert')).toContainText('Someone else changed the scopes.');
  });
});

test('Azure and restricted admins are explained', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, FORM);
  await hydrated(page);
  await choose(page, 'dbt-runner');
  await review(page).click();
  await workspace.change({ change: 'restrict_admins', restricted: true });
  await create(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'the role Service Principal User' })).toBeVisible();
  await workspace.change({ change: 'restrict_admins', restricted: false });
  await workspace.change({ change: 'set_knobs', knobs: { cloud: 'azure' } });
  await create(page).click();
  await expect(
    page.getByRole('alert').filter({ hasText: 'Let the service principal sign in with a Microsoft Entra ID' }),
  ).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('search, choose, review, create; sent again it creates nothing', async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, FORM);
    await page.getByRole('textbox', { name: 'Comment' }).fill('without scripts');
    await page.getByRole('searchbox', { name: /Service principal/ }).fill('etl');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('button', { name: 'Choose etl-nightly' }).click();
    await expect(page.getByRole('main')).toContainText('For etl-nightly');
    await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('without scripts');
    await review(page).click();
    await create(page).click();
    await expect(page.getByText('Copy the token now and store it safely.')).toBeVisible();
    const secret = await value(page).innerText();
    expect(secret).toMatch(/^dapi[0-9a-f]{32}/);
    await page.reload();
    await expect(page.getByText('You already created this token.')).toBeVisible();
    await expect(page.getByText(secret)).toHaveCount(0);
    expect((await calls(workspace, 'POST', API)).length).toBe(1);
    await page.getByRole('link', { name: 'View token' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'without scripts' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Granted scopes' }).fill('sql');
    await page.getByRole('button', { name: 'Review scopes' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Change scopes' })).toBeVisible();
    await page.getByRole('button', { name: 'Change scopes' }).click();
    await expect(said(page)).toContainText('Scopes changed.');
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('by touch, and nothing scrolls sideways', async ({ page, workspace, console }) => {
    const sideways = () =>
      page.evaluate(() => document.scrollingElement!.scrollWidth - document.scrollingElement!.clientWidth);
    await openAsAdmin(page, workspace, console, FORM);
    await hydrated(page);
    await picker(page).fill('etl');
    await page.getByRole('option', { name: /^etl-nightly/ }).tap();
    await expect(page.getByRole('main')).toContainText('For etl-nightly');
    expect(await sideways()).toBe(0);
    await review(page).tap();
    await expect(create(page)).toBeVisible();
    expect(await sideways()).toBe(0);
    await create(page).tap();
    await expect(value(page)).toBeVisible();
    expect(await sideways()).toBe(0);
  });
});
