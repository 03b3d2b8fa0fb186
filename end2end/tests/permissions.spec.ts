// The permission editor: by keyboard, on a phone, without JavaScript, and by two people at once.

import type { Browser, Page } from '@playwright/test';

import { calls, openAsAdmin, signIn, statusMessage, tokenRow } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { collectConsoleErrors, expect, test, waitForHydration } from '../support/fixtures.ts';
import { horizontalOverflow } from '../support/page-checks.ts';
import { GROUPS_API, PERMISSIONS_API, PERMISSIONS_PATH, SETTINGS_PATH, TOKENS_PATH } from '../support/paths.ts';
import {
  addPrincipal,
  confirmAndSave,
  fact,
  grantRow,
  openEditor,
  picker,
  readGrantees,
  removeButton,
  reviewButton,
  saveButton,
  undoButton,
} from '../support/permissions-page.ts';

test(
  'a group is found, added, reviewed and saved by keyboard alone',
  { tag: '@P1' },
  async ({ page, workspace, console }) => {
    await workspace.change({ change: 'set_grants', can_use: ['analytics'] });
    await openAsAdmin(page, workspace, console, SETTINGS_PATH);
    await waitForHydration(page);
    await page.getByRole('link', { name: 'Permissions', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Permissions' })).toBeVisible();
    await waitForHydration(page);

    await test.step('search in the combobox', async () => {
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
    await expect(grantRow(page, 'data-platform')).toContainText('will be added');
    await expect(picker(page)).toBeFocused();
    await expect(page).toHaveURL(/add=group%3Adata-platform/);
    expect(await calls(workspace, 'PATCH', PERMISSIONS_API), 'nothing is sent before saving').toEqual([]);

    await reviewButton(page).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Review permission changes' })).toBeVisible();
    await expect(fact(page, 'Added')).toContainText('data-platform');
    await expect(fact(page, 'Removed')).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: /to confirm/ })).toHaveCount(0);
    await saveButton(page).focus();
    await page.keyboard.press('Enter');
    await expect(statusMessage(page)).toContainText('Saved. Added group data-platform. Confirmed with the workspace.');
    expect(await readGrantees(page)).toEqual(['admins', 'analytics', 'data-platform']);
    expect((await calls(workspace, 'PATCH', PERMISSIONS_API)).length, 'additions alone are sent by PATCH').toBe(1);
    expect(await calls(workspace, 'PUT', PERMISSIONS_API)).toEqual([]);
  },
);

test(
  'a removal shows who loses access in effect, and so does the token list afterwards',
  { tag: ['@P3', '@P4'] },
  async ({ page, workspace, console }) => {
    await workspace.createToken({
      owner: workspace.nonAdmin.user_name,
      comment: 'stops by permission',
      lifetime_days: 90,
      used_days_ago: 1,
    });
    await workspace.change({ change: 'set_grants', can_use: [workspace.nonAdmin.user_name] });
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=stops`);
    await expect(tokenRow(page, 'stops by permission')).not.toContainText('Owner lacks permission');
    await page.goto(PERMISSIONS_PATH);
    await waitForHydration(page);
    await expect(grantRow(page, 'admins')).toContainText('Always has access');
    await expect(grantRow(page, 'admins').getByRole('button')).toHaveCount(0);
    await removeButton(page, workspace.nonAdmin.display_name).click();
    await expect(page).toHaveURL(/remove=user/);
    await reviewButton(page).click();
    await expect(fact(page, 'Removed')).toContainText(workspace.nonAdmin.display_name);
    const result = page.getByRole('region', { name: /^1 person or service principal loses access\. / });
    await expect(result).toContainText('may be permanently deleted');
    await expect(result.getByRole('img', { name: /^Before: .+ 1 loses access\.$/ })).toBeVisible();
    const losers = page.getByRole('region', { name: 'Who loses access', exact: true });
    await expect(losers.getByRole('row').filter({ hasText: workspace.nonAdmin.user_name })).toHaveCount(1);
    await expect(saveButton(page)).toBeDisabled();
    const field = page.getByRole('textbox', { name: /^Type [\d,]+ to confirm that .+ stops? working$/ });
    const stopped = (await field.getAttribute('data-expect'))!;
    await field.fill(stopped);
    await expect(saveButton(page)).toHaveAccessibleName(
      `Remove access and stop ${stopped} token${stopped === '1' ? '' : 's'}`,
    );
    await page.getByText(/^Details: acting as/).click();
    await expect(page.getByRole('group', { name: 'CLI command' })).toContainText(
      'databricks permissions set authorization tokens --json',
    );
    await page.getByText('Terraform', { exact: true }).click();
    await expect(page.getByRole('group', { name: 'Terraform block' })).toContainText(
      'resource "databricks_permissions" "token_usage"',
    );
    await expect(page.getByRole('main')).toContainText(
      'A change made elsewhere in the same instant could be overwritten.',
    );
    await saveButton(page).dblclick();
    await expect(statusMessage(page)).toContainText('Saved.');
    expect((await calls(workspace, 'PUT', PERMISSIONS_API)).length, 'a double click saves once').toBe(1);
    expect(await readGrantees(page)).toEqual(['admins']);
    await page.goto(`${TOKENS_PATH}?q=stops`);
    await expect(tokenRow(page, 'stops by permission')).toContainText('Owner lacks permission');
    await tokenRow(page, 'stops by permission').getByRole('link', { name: 'stops by permission' }).click();
    await expect(page.getByRole('main')).toContainText('Owner lacks permission');
    await page.goto(`${TOKENS_PATH}?finding=owner-may-not-use&q=stops`);
    await expect(tokenRow(page, 'stops by permission')).toBeVisible();
  },
);

test('someone who has access in another way loses nothing', async ({ page, workspace, console }) => {
  await workspace.change({ change: 'set_grants', can_use: ['users', workspace.nonAdmin.user_name] });
  await openAsAdmin(page, workspace, console, PERMISSIONS_PATH);
  await expect(grantRow(page, 'users')).toContainText('Everyone');
  await removeButton(page, workspace.nonAdmin.display_name).click();
  await reviewButton(page).click();
  await expect(page.getByRole('region', { name: 'Who loses access', exact: true })).toContainText('No one');
});

test('removals are marked, counted, kept in view and undone in place', async ({ page, workspace, console }) => {
  // So small that the list does not fit.
  await page.setViewportSize({ width: 1280, height: 560 });
  const can_use = ['analytics', 'data-platform', 'marketing-science', 'ml-research', 'risk-models', 'security'];
  await workspace.change({ change: 'set_grants', can_use: [...can_use, workspace.nonAdmin.user_name] });
  await openAsAdmin(page, workspace, console, PERMISSIONS_PATH);
  await waitForHydration(page);
  const count = page.getByRole('main').getByText(/^(No changes|\d+ removals?)$/);
  await expect(count).toHaveText('No changes');
  await removeButton(page, 'analytics').click();
  await expect(grantRow(page, 'analytics')).toContainText('will be removed');
  await expect(undoButton(page, 'analytics')).toBeFocused();
  await removeButton(page, 'security').click();
  await expect(count).toHaveText('2 removals');

  const filter = page.getByRole('searchbox', { name: 'Filter this list' });
  await filter.fill(' Platform');
  await expect(page.getByRole('caption')).toHaveText('3 of 8 permissions');
  await expect(grantRow(page, 'ml-research')).toBeHidden();
  await expect(grantRow(page, 'analytics')).toBeVisible();
  await expect(page).toHaveURL(/remove=group%3Aanalytics.*filter=|filter=.*remove=group%3Aanalytics/);
  await filter.press('Enter');
  await expect(count).toHaveText('2 removals');
  await filter.fill('');
  await undoButton(page, 'security').press('Enter');
  await expect(count).toHaveText('1 removal');
  await expect(removeButton(page, 'security')).toBeFocused();

  await test.step('what has the focus is never below the foot', async () => {
    await filter.focus();
    for (let n = 0; n < 20; n++) {
      await page.keyboard.press('Tab');
      const hidden = await page.evaluate(() => {
        const focused = document.activeElement!;
        if (focused === document.body) return null;
        const { left, right, top, bottom } = focused.getBoundingClientRect();
        const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return above && (focused.contains(above) || above.contains(focused)) ? null : focused.textContent;
      });
      expect(hidden).toBeNull();
    }
  });
});

/** Opens the editor in another browser, as another admin. */
async function openAsOtherAdmin(
  browser: Browser,
  workspace: DemoWorkspace,
  console: Console,
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ baseURL: console.url });
  const errors = collectConsoleErrors(context);
  const page = await context.newPage();
  await page.goto(`/sign-in?next=${encodeURIComponent(PERMISSIONS_PATH)}`);
  await signIn(page, workspace, 'PAT', workspace.otherAdmin);
  await expect(page.getByRole('heading', { level: 1, name: 'Permissions' })).toBeVisible();
  await waitForHydration(page);
  return { page, errors };
}

test(
  "when two people edit at once, neither overwrites the other's changes",
  { tag: '@P5' },
  async ({ page, browser, workspace, console }) => {
    await openEditor(page, workspace, console);
    const other = await openAsOtherAdmin(browser, workspace, console);
    // Both have opened the same list. Mia removes one group; Tomás removes the other, and adds the group of all users.
    await removeButton(other.page, 'analytics').click();
    await addPrincipal(other.page, 'users', /^users/);
    await reviewButton(other.page).click();
    await expect(saveButton(other.page)).toBeVisible();
    await removeButton(page, 'data-platform').click();
    await reviewButton(page).click();
    await confirmAndSave(page);
    await expect(statusMessage(page)).toContainText('Saved.');

    await confirmAndSave(other.page);
    await expect(other.page.getByRole('alert').filter({ hasText: 'Nothing was saved' })).toBeVisible();
    for (const [title, present, absent] of [
      ['When you started', 'data-platform', 'users'],
      ['Current', 'analytics', 'data-platform'],
      ['With your changes', 'users', 'analytics'],
    ] as const) {
      const column = other.page.getByRole('region', { name: title, exact: true });
      await expect(column).toContainText(present);
      await expect(column.getByText(absent, { exact: true })).toHaveCount(0);
    }
    expect((await calls(workspace, 'PUT', PERMISSIONS_API)).length, 'the refused save sent nothing').toBe(1);
    await other.page.getByRole('button', { name: 'Apply my changes to the current list' }).press('Space');
    await expect(fact(other.page, 'Added')).toContainText('users');
    await confirmAndSave(other.page);
    await expect(statusMessage(other.page)).toContainText('Saved.');
    expect(await readGrantees(page)).toEqual(['admins', 'users', workspace.nonAdmin.display_name]);
    expect(other.errors).toEqual([]);
    await other.page.context().close();
  },
);

test('a change that someone else made before the review is shown, not overwritten', async ({
  page,
  workspace,
  console,
}) => {
  await openEditor(page, workspace, console);
  await removeButton(page, 'analytics').click();
  await workspace.change({ change: 'set_grants', can_use: ['data-platform', 'analytics', 'security'] });
  await reviewButton(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Nothing was saved' })).toBeVisible();
  await expect(fact(page, 'They changed')).toContainText('Added: security.');
  await expect(saveButton(page)).toHaveCount(0);
  await page.getByRole('link', { name: 'Discard my changes' }).click();
  await expect(grantRow(page, 'security')).toBeVisible();
  await expect(removeButton(page, 'analytics')).toBeVisible();
});

test(
  'leaving with edits asks first, and a review without edits has nothing to save',
  { tag: '@P6' },
  async ({ page, workspace, console }) => {
    await openEditor(page, workspace, console);
    await reviewButton(page).click();
    await expect(page.getByRole('heading', { name: 'Nothing to save' })).toBeVisible();
    await expect(saveButton(page)).toHaveCount(0);
    await page.getByRole('link', { name: 'Back to permissions' }).click();
    await waitForHydration(page);
    await removeButton(page, 'analytics').click();
    const prompt = page.waitForEvent('dialog');
    const leaving = page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: 'Tokens' })
      .click({ noWaitAfter: true });
    const dialog = await prompt;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await leaving;
    await expect(undoButton(page, 'analytics')).toBeVisible();
    await page.getByRole('link', { name: 'Discard changes' }).or(reviewButton(page)).first().click();
  },
);

test(
  'namesakes and deactivated users can be told apart, and edits survive a reload',
  { tag: '@P7' },
  async ({ page, workspace, console }) => {
    await workspace.change({ change: 'deactivate', user_name: workspace.nonAdmin.user_name });
    await openEditor(page, workspace, console);
    await picker(page).fill(workspace.nonAdmin.user_name);
    const option = page.getByRole('option', { name: new RegExp(workspace.nonAdmin.user_name) });
    await expect(option).toContainText('Deactivated');
    await expect(option).toContainText(`ID ${workspace.nonAdmin.id}`);
    await picker(page).fill('no one has this name');
    await expect(page.getByRole('listbox')).toContainText('No user, group or service principal matches');
    await expect(page.getByRole('option')).toHaveCount(0);
    await addPrincipal(page, 'security', /^security/);
    page.on('dialog', dialog => dialog.accept());
    await page.reload();
    await expect(grantRow(page, 'security')).toContainText('will be added');
    await page.getByRole('button', { name: 'Undo addition of security' }).click();
    await expect(grantRow(page, 'security')).toHaveCount(0);
  },
);

test('ending your own access requires typing the name of the workspace', async ({ page, workspace, console }) => {
  // An admin through a group that the workspace does not list, so the grant is the only known path to access.
  const meta = { resourceType: 'WorkspaceGroup' };
  const members = [{ value: workspace.admin.id, $ref: `Users/${workspace.admin.id}` }];
  const admins = { id: '1', displayName: 'admins', meta };
  const analytics = { id: '2', displayName: 'analytics', meta, members };
  // The first fault that matches a path applies: the groups themselves before their list.
  for (const [path, body] of [
    [`${GROUPS_API}/1`, admins],
    [`${GROUPS_API}/2`, analytics],
    [GROUPS_API, { totalResults: 2, Resources: [admins, analytics] }],
  ] as const) {
    await workspace.addFault({
      method: 'GET',
      path,
      times: 'forever',
      effect: {
        kind: 'answer',
        status: 200,
        body: { kind: 'raw', content_type: 'application/json', text: JSON.stringify(body) },
      },
    });
  }
  await workspace.change({ change: 'set_grants', can_use: ['analytics'] });
  await openAsAdmin(page, workspace, console, PERMISSIONS_PATH);
  await waitForHydration(page);
  await removeButton(page, 'analytics').click();
  await reviewButton(page).click();
  await expect(page.getByText('You will be signed out')).toBeVisible();
  const tokens = page.getByRole('textbox', { name: /^Type [\d,]+ to confirm/ });
  await tokens.fill((await tokens.getAttribute('data-expect'))!);
  await expect(saveButton(page)).toBeDisabled();
  await page.getByRole('textbox', { name: /^Type acme-prod/ }).fill('acme-prod');
  await saveButton(page).click();
  await expect(statusMessage(page)).toContainText('Saved.');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('groups are found, added, removed, reviewed and saved', async ({ page, workspace, console }) => {
    await workspace.change({ change: 'set_grants', can_use: ['data-platform', 'analytics'] });
    await openAsAdmin(page, workspace, console, PERMISSIONS_PATH);
    await removeButton(page, 'analytics').click();
    await page.getByRole('searchbox', { name: 'Add a user, group or service principal' }).fill('secur');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(
      page.getByRole('heading', { level: 1, name: 'Find users, groups and service principals' }),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Add security' }).click();
    await expect(grantRow(page, 'security')).toContainText('will be added');
    await expect(undoButton(page, 'analytics')).toBeVisible();
    await reviewButton(page).click();
    await expect(fact(page, 'Added')).toContainText('security');
    await expect(fact(page, 'Removed')).toContainText('analytics');
    await confirmAndSave(page);
    await expect(statusMessage(page)).toContainText('Saved.');
    expect(await readGrantees(page)).toEqual(['admins', 'data-platform', 'security']);
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('groups are added and removed by touch', async ({ page, workspace, console }) => {
    await openEditor(page, workspace, console);
    await picker(page).fill('security');
    await page.getByRole('option', { name: /^security/ }).tap();
    await expect(grantRow(page, 'security')).toContainText('will be added');
    await removeButton(page, 'analytics').tap();
    await reviewButton(page).tap();
    await expect(fact(page, 'Removed')).toContainText('analytics');
    await confirmAndSave(page);
    await expect(statusMessage(page)).toContainText('Saved.');
    expect(await horizontalOverflow(page)).toEqual([]);
  });
});
