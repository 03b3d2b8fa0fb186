// Creating a token for a service principal, from the list to its value: by keyboard, with a double click, without
// JavaScript, on a phone, and if the workspace does not offer it. Changing a token's scopes in a dialog.

import type { Locator, Page } from '@playwright/test';

import { calls, openAsAdmin, postForm, statusMessage } from '../support/console-page.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { horizontalOverflow } from '../support/page-checks.ts';
import { NEW_TOKEN_PATH, ON_BEHALF_API, TOKENS_PATH } from '../support/paths.ts';

const picker = (page: Page): Locator =>
  page.getByRole('combobox', { name: /service principal: name or application id/i });
const reviewButton = (page: Page): Locator => page.getByRole('button', { name: 'Review new token', exact: true });
const createButton = (page: Page): Locator => page.getByRole('button', { name: 'Create token' });
const tokenValue = (page: Page): Locator => page.getByRole('group', { name: 'Token value' }).getByRole('code');

async function chooseServicePrincipal(page: Page, name: string): Promise<void> {
  await picker(page).fill(name);
  await page.getByRole('option', { name: new RegExp(`^${name}`) }).click();
  await expect(page.getByRole('main')).toContainText(`For ${name}`);
}

test('a token is created by keyboard, its value is shown once, and leaving before copying it asks first', async ({
  page,
  workspace,
  console,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: console.url });
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await page.getByRole('link', { name: 'Create service principal token' }).click();
  await waitForHydration(page);
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
  const lifetime = page.getByRole('textbox', { name: 'Lifetime (days)' });
  await expect(lifetime).toHaveAccessibleDescription(/Enter a whole number of days from 1 to 730\./);
  await expect(lifetime).toBeFocused();
  await expect(lifetime).toHaveAttribute('aria-invalid', 'true');
  await expect(page).toHaveTitle(/^Error: acme-prod · Create service principal token/);
  await waitForHydration(page);
  await page.getByRole('textbox', { name: 'Lifetime (days)' }).fill('30');
  await page.getByRole('textbox', { name: /Scopes/ }).fill('sql, jobs');
  await reviewButton(page).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Review new token' })).toBeVisible();
  for (const text of [
    'etl-nightly',
    'acme-prod',
    '30 days',
    'made in a browser',
    'sql, jobs',
    'Acting as',
    'create-obo-token',
  ]) {
    await expect(page.getByRole('main')).toContainText(text);
  }
  await waitForHydration(page);
  expect(await calls(workspace, 'POST', ON_BEHALF_API), 'nothing is created before the confirmation').toEqual([]);

  await createButton(page).dblclick();
  await expect(statusMessage(page)).toContainText('Token created and confirmed.');
  expect((await calls(workspace, 'POST', ON_BEHALF_API)).length, 'a double click creates one token').toBe(1);
  const secret = await tokenValue(page).innerText();
  expect(secret).toMatch(/^dapi[0-9a-f]{32}/);
  await waitForHydration(page);
  await expect(page).toHaveURL(NEW_TOKEN_PATH);

  const prompt = page.waitForEvent('dialog');
  const leaving = page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: 'Tokens' })
    .click({ noWaitAfter: true });
  const dialog = await prompt;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await leaving;
  await expect(tokenValue(page)).toHaveText(secret);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  // Once the value is copied, leaving no longer asks, and a reload shows the empty form.
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('');
  await expect(page.getByText(secret)).toHaveCount(0);
  expect((await calls(workspace, 'POST', ON_BEHALF_API)).length).toBe(1);
});

test('"Done" leaves without asking, and the new token has its scopes', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, NEW_TOKEN_PATH);
  await waitForHydration(page);
  await chooseServicePrincipal(page, 'etl-nightly');
  await page.getByRole('textbox', { name: /Scopes/ }).fill('sql jobs');
  await reviewButton(page).click();
  await createButton(page).click();
  await waitForHydration(page);
  await page.getByRole('link', { name: 'Done' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'No comment' })).toBeVisible();
  await waitForHydration(page);

  await test.step('its scopes are changed in a dialog', async () => {
    await page.getByRole('main').getByText('Change scopes').click();
    await page.getByRole('textbox', { name: 'Granted scopes' }).fill('jobs, clusters');
    await page.getByRole('button', { name: 'Review scopes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change scopes' });
    await expect(dialog).toContainText('The token loses scopes.');
    await expect(dialog.getByRole('heading', { level: 1 })).toBeFocused();
    await dialog.getByRole('button', { name: 'Change scopes' }).click();
    await expect(statusMessage(page)).toContainText('Scopes changed for ');
    await expect(dialog).toBeHidden();
    await page.getByRole('main').getByText('Change scopes').click();
    await expect(page.getByRole('textbox', { name: 'Granted scopes' })).toHaveValue('jobs, clusters');
  });
  await test.step('a change that someone else made in the meantime is not overwritten', async () => {
    await page.getByRole('textbox', { name: 'Granted scopes' }).fill('jobs');
    await page.getByRole('button', { name: 'Review scopes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change scopes' });
    await expect(dialog).toContainText('Removed');
    const id = new URL(page.url()).pathname.split('/').at(-1)!;
    const form = { id, opened: 'jobs, clusters', scopes: 'sql' };
    const response = await postForm(page, console, '/api/tokens/scopes', form);
    expect(response.headers()['location']).toContain('done=scopes');
    await dialog.getByRole('button', { name: 'Change scopes' }).click();
    await expect(dialog.getByRole('alert')).toContainText('Someone else changed the scopes.');
  });
});

test('errors on Azure and for restricted admins say what to do', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, NEW_TOKEN_PATH);
  await waitForHydration(page);
  await chooseServicePrincipal(page, 'dbt-runner');
  await reviewButton(page).click();
  await workspace.change({ change: 'restrict_admins', restricted: true });
  await createButton(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'the role Service Principal User' })).toBeVisible();
  await workspace.change({ change: 'restrict_admins', restricted: false });
  await workspace.change({ change: 'set_knobs', knobs: { cloud: 'azure' } });
  await createButton(page).click();
  await expect(
    page.getByRole('alert').filter({ hasText: 'Let the service principal sign in with a Microsoft Entra ID' }),
  ).toBeVisible();
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('going back and creating the token again asks first', async ({ page, workspace, console }) => {
    const sp = workspace.announced.service_principal.client_id;
    const form = `${NEW_TOKEN_PATH}/review?sp=${sp}&days=30&comment=twice`;
    await openAsAdmin(page, workspace, console, form);
    await createButton(page).click();
    await expect(page.getByText('Copy the token now and store it safely.')).toBeVisible();
    await page.goto(form);
    await expect(page.getByText(/^You already created this token at \d\d:\d\d/)).toBeVisible();
    await createButton(page).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Review new token' })).toBeVisible();
    expect(await calls(workspace, 'POST', ON_BEHALF_API)).toHaveLength(1);
    await page.getByRole('checkbox', { name: 'Create another token like it' }).check();
    await createButton(page).click();
    await expect(page.getByText('Copy the token now and store it safely.')).toBeVisible();
    expect(await calls(workspace, 'POST', ON_BEHALF_API)).toHaveLength(2);
  });

  test('a token is created, and sending the form again creates nothing', async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, NEW_TOKEN_PATH);
    await page.getByRole('textbox', { name: 'Comment' }).fill('without scripts');
    await page.getByRole('searchbox', { name: /Service principal/ }).fill('etl');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('button', { name: 'Choose etl-nightly' }).click();
    await expect(page.getByRole('main')).toContainText('For etl-nightly');
    await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('without scripts');
    await reviewButton(page).click();
    await createButton(page).click();
    await expect(page.getByText('Copy the token now and store it safely.')).toBeVisible();
    const secret = await tokenValue(page).innerText();
    expect(secret).toMatch(/^dapi[0-9a-f]{32}/);
    await page.reload();
    await expect(page.getByText('You already created this token.')).toBeVisible();
    await expect(page.getByText(secret)).toHaveCount(0);
    expect((await calls(workspace, 'POST', ON_BEHALF_API)).length).toBe(1);
    await page.getByRole('link', { name: 'View token' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'without scripts' })).toBeVisible();
    await page.getByRole('main').getByText('Change scopes').click();
    await page.getByRole('textbox', { name: 'Granted scopes' }).fill('sql');
    await page.getByRole('button', { name: 'Review scopes' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Change scopes' })).toBeVisible();
    await page.getByRole('button', { name: 'Change scopes' }).click();
    await expect(statusMessage(page)).toContainText('Scopes changed for ');
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a token is created by touch, and nothing is too wide', async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, NEW_TOKEN_PATH);
    await waitForHydration(page);
    await picker(page).fill('etl');
    await page.getByRole('option', { name: /^etl-nightly/ }).tap();
    await expect(page.getByRole('main')).toContainText('For etl-nightly');
    expect(await horizontalOverflow(page)).toEqual([]);
    await reviewButton(page).tap();
    await expect(createButton(page)).toBeVisible();
    expect(await horizontalOverflow(page)).toEqual([]);
    await createButton(page).tap();
    await expect(tokenValue(page)).toBeVisible();
    expect(await horizontalOverflow(page)).toEqual([]);
  });
});
