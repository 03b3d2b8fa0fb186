// The permission editor: by keyboard, on a phone, without JavaScript, by two people at once, and each way it can fail. The rules P1 to P7 are those of the titles.

import type { Browser, Page } from '@playwright/test';

import { calls, openAsAdmin, said, signIn, tokenRow } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { expect, hydrated, test, watch } from '../support/fixtures.ts';
import {
  ADVANCED,
  PERMISSIONS,
  API,
  picker,
  review,
  save,
  grant,
  remove,
  open,
  add,
  granted,
} from '../support/permissions-page.ts';

test('from the settings, by keyboard alone: find, add, review, save', async ({ page, workspace, console }) => {
  await workspace.change({ change: 'set_grants', can_use: ['analytics'] });
  await openAsAdmin(page, workspace, console, ADVANCED);
  await hydrated(page);
  await page.getByRole('link', { name: 'Permissions' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Permissions' })).toBeVisible();
  await hydrated(page);

  await test.step('P1: an editable combobox', async () => {
    await picker(page).focus();
    await expect(picker(page)).toHaveAttribute('aria-expanded', 'false');
    await page.keyboard.type('data-pl');
    await expect(page.getByRole('listbox', { name: 'Users, groups and service principals' })).toBeVisible();
    await expect(picker(page)).toHaveAttribute('aria-expanded', 'true');
    await expect(picker(page)).not.toHaveAttribute('aria-activedescendant');
    await page.keyboard.press('ArrowDown');
    const active = page.getByRole('option', { selected: true });
    await expect(active).toHaveCount(1);
    await expect(picker(page)).toHaveAttribute('aria-activedescendant', (await active.getAttribute('id'))!);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('listbox')).toBeHidden();
    await expect(picker(page)).toHaveValue('data-pl');
    await expect(picker(page)).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('listbox')).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('option', { selected: true })).toContainText('data-platform');
    await page.keyboard.press('Enter');
  });
  await expect(grant(page, 'data-platform')).toContainText('To be added');
  await expect(picker(page)).toBeFocused();
  await expect(page).toHaveURL(/add=group%3Adata-platform/);
  expect(await calls(workspace, 'PATCH', API), 'nothing is written before a save').toEqual([]);

  await review(page).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Review changes' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Added (1)' })).toBeVisible();
  await expect(page.getByRole('heading', { name: /Removed/ })).toHaveCount(0);
  await save(page).focus();
  await page.keyboard.press('Enter');
  await expect(said(page)).toContainText('Saved. Added group data-platform. Confirmed with the workspace.');
  expect(await granted(page)).toEqual(['admins', 'analytics', 'data-platform']);
  expect((await calls(workspace, 'PATCH', API)).length, 'only adding writes by PATCH').toBe(1);
  expect(await calls(workspace, 'PUT', API)).toEqual([]);
});

test('P3 P4: a removal tells who really loses access, and the list of tokens says so afterwards', async ({
  page,
  workspace,
  console,
}) => {
  await workspace.createToken({
    owner: workspace.nonAdmin.user_name,
    comment: 'stops by permission',
    lifetime_days: 90,
    used_days_ago: 1,
  });
  await workspace.change({ change: 'set_grants', can_use: [workspace.nonAdmin.user_name] });
  await openAsAdmin(page, workspace, console, '/w/acme-prod/tokens?q=stops');
  await expect(tokenRow(page, 'stops by permission')).not.toContainText('Owner lacks permission');
  await page.goto(PERMISSIONS);
  await hydrated(page);
  await expect(grant(page, 'admins')).toContainText('Workspace admins always have access.');
  await expect(grant(page, 'admins').getByRole('checkbox')).toHaveCount(0);
  await remove(page, workspace.nonAdmin.display_name).check();
  await expect(page).toHaveURL(/remove=user/);
  await review(page).click();
  await expect(page.getByRole('heading', { name: 'Removed (1)' })).toBeVisible();
  const loss = page.getByRole('region', { name: 'Who loses access' });
  await expect(loss).toContainText('1 person or service principal loses access');
  await expect(loss).toContainText('may be permanently deleted');
  await expect(loss.getByRole('row').filter({ hasText: workspace.nonAdmin.user_name })).toHaveCount(1);
  await expect(page.getByRole('group', { name: 'CLI command' })).toContainText(
    'databricks permissions set authorization tokens --json',
  );
  await page.getByText('Terraform', { exact: true }).click();
  await expect(page.getByRole('group', { name: 'Terraform' })).toContainText(
    'resource "databricks_permissions" "token_usage"',
  );
  await expect(page.getByRole('main')).toContainText(
    'A change made elsewhere in the same instant could be overwritten.',
  );
  await save(page).dblclick();
  await expect(said(page)).toContainText('Saved.');
  expect((await calls(workspace, 'PUT', API)).length, 'a double click writes once').toBe(1);
  expect(await granted(page)).toEqual(['admins']);
  await page.goto('/w/acme-prod/tokens?q=stops');
  await expect(tokenRow(page, 'stops by permission')).toContainText('Owner lacks permission');
  await tokenRow(page, 'stops by permission').getByRole('link').click();
  await expect(page.getByRole('main')).toContainText('Owner lacks permission');
  await page.goto('/w/acme-prod/tokens?finding=owner-may-not-use&q=stops');
  await expect(tokenRow(page, 'stops by permission')).toBeVisible();
});

test('who keeps another path loses nothing', async ({ page, workspace, console }) => {
  await workspace.change({ change: 'set_grants', can_use: ['users', workspace.nonAdmin.user_name] });
  await openAsAdmin(page, workspace, console, PERMISSIONS);
  await expect(grant(page, 'users')).toContainText('Everyone');
  await remove(page, workspace.nonAdmin.display_name).check();
  await review(page).click();
  await expect(page.getByRole('region', { name: 'Who loses access' })).toContainText('No one');
});

async function secondAdmin(
  browser: Browser,
  workspace: DemoWorkspace,
  console: Console,
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ baseURL: console.url });
  const complaints = watch(context);
  const page = await context.newPage();
  await page.goto(`/sign-in?next=${encodeURIComponent(PERMISSIONS)}`);
  await signIn(page, workspace, 'PAT', workspace.otherAdmin);
  await expect(page.getByRole('heading', { level: 1, name: 'Permissions' })).toBeVisible();
  await hydrated(page);
  return { page, complaints };
}

test('P5: of two who edit at once neither loses what the other did', async ({ page, browser, workspace, console }) => {
  await open(page, workspace, console);
  const other = await secondAdmin(browser, workspace, console);
  // Both have opened the same list. Mia removes one group, Tomás the other and adds everybody.
  await remove(other.page, 'analytics').check();
  await add(other.page, 'users', /^users/);
  await review(other.page).click();
  await expect(save(other.page)).toBeVisible();
  await remove(page, 'data-platform').check();
  await review(page).click();
  await save(page).click();
  await expect(said(page)).toContainText('Saved.');

  await save(other.page).click();
  await expect(other.page.getByRole('alert').filter({ hasText: 'Nothing was saved' })).toBeVisible();
  for (const [title, has, hasNot] of [
    ['When you started', 'data-platform', 'users'],
    ['Current', 'analytics', 'data-platform'],
    ['With your changes', 'users', 'analytics'],
  ] as const) {
    const column = other.page.getByRole('region', { name: title, exact: true });
    await expect(column).toContainText(has);
    await expect(column.getByText(hasNot, { exact: true })).toHaveCount(0);
  }
  expect((await calls(workspace, 'PUT', API)).length, 'the refused save wrote nothing').toBe(1);
  await other.page.getByRole('link', { name: 'Apply my changes to the current list' }).click();
  await expect(other.page.getByRole('heading', { name: 'Added (1)' })).toBeVisible();
  await save(other.page).click();
  await expect(said(other.page)).toContainText('Saved.');
  expect(await granted(page)).toEqual(['admins', 'users', workspace.nonAdmin.display_name]);
  expect(other.complaints).toEqual([]);
  await other.page.context().close();
});

test('a change elsewhere between opening and review is shown, not overwritten', async ({
  page,
  workspace,
  console,
}) => {
  await open(page, workspace, console);
  await remove(page, 'analytics').check();
  await workspace.change({ change: 'set_grants', can_use: ['data-platform', 'analytics', 'security'] });
  await review(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Nothing was saved' })).toContainText('Added: security.');
  await expect(save(page)).toHaveCount(0);
  await page.getByRole('link', { name: 'Discard my changes' }).click();
  await expect(grant(page, 'security')).toBeVisible();
  await expect(remove(page, 'analytics')).not.toBeChecked();
});

test('P6: leaving with edits asks first, and a review without edits has nothing to save', async ({
  page,
  workspace,
  console,
}) => {
  await open(page, workspace, console);
  await review(page).click();
  await expect(page.getByRole('heading', { name: 'Nothing to save' })).toBeVisible();
  await expect(save(page)).toHaveCount(0);
  await page.getByRole('link', { name: 'Back to permissions' }).click();
  await hydrated(page);
  await remove(page, 'analytics').check();
  const asked = page.waitForEvent('dialog');
  const click = page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: 'Tokens' })
    .click({ noWaitAfter: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await click;
  await expect(remove(page, 'analytics')).toBeChecked();
  await page.getByRole('link', { name: 'Discard changes' }).or(review(page)).first().click();
});

test('P7: namesakes are told apart, the deactivated are marked, and what was entered survives a reload', async ({
  page,
  workspace,
  console,
}) => {
  await workspace.change({ change: 'deactivate', user_name: workspace.nonAdmin.user_name });
  await open(page, workspace, console);
  await picker(page).fill(workspace.nonAdmin.user_name);
  const option = page.getByRole('option', { name: new RegExp(workspace.nonAdmin.user_name) });
  await expect(option).toContainText('Deactivated');
  await expect(option).toContainText(`ID ${workspace.nonAdmin.id}`);
  await picker(page).fill('nobody is called this');
  await expect(page.getByRole('listbox')).toContainText('No user, group or service principal matches');
  await expect(page.getByRole('option')).toHaveCount(0);
  await add(page, 'security', /^security/);
  page.on('dialog', dialog => dialog.accept());
  await page.reload();
  await expect(grant(page, 'security')).toContainText('To be added');
  await page.getByRole('link', { name: 'Undo adding security' }).click();
  await expect(grant(page, 'security')).toHaveCount(0);
});
test('who would end the own access types the name of the workspace', async ({ page, workspace, console }) => {
  // An admin by a group that the workspace does not list: the only path that is known is the grant.
  const groups = {
    totalResults: 2,
    Resources: [
      { id: '1', displayName: 'admins' },
      {
        id: '2',
        displayName: 'analytics',
        members: [{ value: workspace.admin.id, $ref: `Users/${workspace.admin.id}` }],
      },
    ],
  };
  const body = { kind: 'raw', content_type: 'application/json', text: JSON.stringify(groups) } as const;
  await workspace.fault({
    method: 'GET',
    path: '/api/2.0/preview/scim/v2/Groups',
    times: 'forever',
    effect: { kind: 'answer', status: 200, body },
  });
  await workspace.change({ change: 'set_grants', can_use: ['analytics'] });
  await openAsAdmin(page, workspace, console, PERMISSIONS);
  await hydrated(page);
  await remove(page, 'analytics').check();
  await review(page).click();
  await expect(page.getByText('You will be signed out')).toBeVisible();
  await save(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The name does not match' })).toBeVisible();
  expect(await calls(workspace, 'PUT', API)).toEqual([]);
  await page.getByRole('textbox', { name: /^Type acme-prod/ }).fill('acme-prod');
  await save(page).click();
  await expect(said(page)).toContainText('Saved.');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('search, add, remove, review, save', async ({ page, workspace, console }) => {
    await workspace.change({ change: 'set_grants', can_use: ['data-platform', 'analytics'] });
    await openAsAdmin(page, workspace, console, PERMISSIONS);
    await remove(page, 'analytics').check();
    await page.getByRole('searchbox', { name: 'Add a user, group or service principal' }).fill('secur');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(
      page.getByRole('heading', { level: 1, name: 'Find users, groups and service principals' }),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Add security' }).click();
    await expect(grant(page, 'security')).toContainText('To be added');
    await expect(remove(page, 'analytics')).toBeChecked();
    await review(page).click();
    await expect(page.getByRole('heading', { name: 'Added (1)' })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Removed (1)' })).toBeVisible();
    await save(page).click();
    await expect(said(page)).toContainText('Saved.');
    expect(await granted(page)).toEqual(['admins', 'data-platform', 'security']);
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('add and remove by touch', async ({ page, workspace, console }) => {
    await open(page, workspace, console);
    await picker(page).fill('security');
    await page.getByRole('option', { name: /^security/ }).tap();
    await expect(grant(page, 'security')).toContainText('To be added');
    await remove(page, 'analytics').tap();
    await review(page).tap();
    await expect(page.getByRole('heading', { name: 'Removed (1)' })).toBeVisible();
    await save(page).tap();
    await expect(said(page)).toContainText('Saved.');
    expect(
      await page.evaluate(() => document.scrollingElement!.scrollWidth - document.scrollingElement!.clientWidth),
    ).toBe(0);
  });
});
