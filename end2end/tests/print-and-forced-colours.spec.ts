// The main pages when printed, and in forced colours.

import type { Locator, Page } from '@playwright/test';

import { BULK_SCOPES_STATES } from '../support/bulk-scopes-states.ts';
import { openAsAdmin, postForm, signInToStaging } from '../support/console-page.ts';
import { type Console, THREE_WORKSPACES } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { ONE_PAGE_OF_TOKENS, expect, test } from '../support/fixtures.ts';
import { axeViolations, horizontalOverflow } from '../support/page-checks.ts';
import {
  BULK_REVOCATIONS_PATH,
  FINDINGS_PATH,
  FIND_LEAKED_PATH,
  PERMISSIONS_PATH,
  SETTINGS_PATH,
  TOKENS_PATH,
} from '../support/paths.ts';
import { failOneOfTwoTokens, makeActivity, openTokenWithUnusedScopes } from '../support/states.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS, consoleConfig: THREE_WORKSPACES });

interface MainPage {
  name: string;
  /** Opens it as an admin. */
  open: (page: Page, workspace: DemoWorkspace, console: Console) => Promise<void>;
  /** The navigation in which it, or its order, is marked as current. */
  navigation?: string;
}

/** A page of the workspace that needs no more than its path. */
function pageAt(name: string, path: string): MainPage {
  return {
    name,
    async open(page, workspace, console) {
      await openAsAdmin(page, workspace, console, path);
    },
  };
}

const PAGES: MainPage[] = [
  pageAt('tokens', `${TOKENS_PATH}?status=active`),
  {
    name: 'token',
    async open(page, workspace, console) {
      await page.goto(await openTokenWithUnusedScopes(page, workspace, console));
      await expect(page.getByRole('heading', { level: 1, name: 'example token' })).toBeVisible();
    },
  },
  {
    name: 'overview',
    async open(page, workspace, console) {
      await openAsAdmin(page, workspace, console, '/healthz');
      await signInToStaging(page, workspace);
      await page.goto('/?sort=unused');
    },
    navigation: 'Order of the workspaces',
  },
  pageAt('findings', FINDINGS_PATH),
  {
    name: 'activity',
    async open(page, workspace, console) {
      await makeActivity(page, workspace, console);
    },
  },
  pageAt('permissions', PERMISSIONS_PATH),
  pageAt('settings', SETTINGS_PATH),
  pageAt('bulk revocations', BULK_REVOCATIONS_PATH),
  {
    name: 'a bulk revocation with a failed token',
    async open(page, workspace, console) {
      await failOneOfTwoTokens(page, workspace, console);
    },
  },
];

/** A sheet of A4 at 96 dpi, without its margins. */
const PAPER = { width: 718, height: 1046 };

/** The appearance of an element, apart from its text. */
async function look(element: Locator, pseudo?: string): Promise<string> {
  return element.evaluate((element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    return [style.outline, style.borderBlockEnd, style.textDecoration, style.backgroundColor, style.boxShadow].join(
      '; ',
    );
  }, pseudo);
}

async function expectNoControls(page: Page): Promise<void> {
  const controls =
    'main :is(input, button:not([role=switch]), select, .btn, .cell-actions, .pager, .selection-bar), ' +
    '.bar :is(nav, form), .skip';
  expect(await page.locator(controls).filter({ visible: true }).count()).toBe(0);
}

for (const { name, open, navigation = 'Main' } of PAGES) {
  test(`${name}: in forced colours and on paper`, { tag: ['@V4', '@A4'] }, async ({ page, workspace, console }) => {
    await open(page, workspace, console);
    await page.emulateMedia({ forcedColors: 'active' });
    expect(await axeViolations(page)).toEqual([]);
    const links = page.getByRole('navigation', { name: navigation }).getByRole('link');
    const current = links.and(page.locator('[aria-current]'));
    await expect(current).toHaveCount(1);
    expect(await look(current)).not.toBe(await look(links.and(page.locator(':not([aria-current])')).first()));

    await page.emulateMedia({ forcedColors: 'none', colorScheme: 'dark', media: 'print' });
    await page.setViewportSize(PAPER);
    expect(await horizontalOverflow(page)).toEqual([]);
    await expectNoControls(page);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('body')).toHaveCSS('color', 'rgb(0, 0, 0)');
    await expect(page.locator('html')).toHaveCSS('background-color', 'rgb(255, 255, 255)');
    expect(await axeViolations(page)).toEqual([]);
  });
}

for (const state of BULK_SCOPES_STATES) {
  test(`${state.name}: in forced colours`, { tag: '@V4' }, async ({ page, workspace, console }) => {
    await page.goto(await state.reach(page, workspace, console));
    await page.emulateMedia({ forcedColors: 'active' });
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(state.heading);
    expect(await axeViolations(page)).toEqual([]);
  });
}

test('in forced colours a dialog has an edge', { tag: '@V4' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await page.emulateMedia({ forcedColors: 'active' });
  await page
    .getByRole('row')
    .getByRole('button', { name: /^Revoke/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading')).toBeVisible();
  expect(await dialog.evaluate(dialog => parseFloat(getComputedStyle(dialog).borderInlineStartWidth))).toBeGreaterThan(
    0,
  );
  expect(await axeViolations(page)).toEqual([]);
});

test('in forced colours filters are native, and active filters and selected rows are outlined', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?status=active`);
  await page.emulateMedia({ forcedColors: 'active' });
  const status = page.getByRole('combobox', { name: 'Status' });
  const expires = page.getByRole('combobox', { name: 'Expires' });
  await expect(status).toHaveCSS('appearance', 'auto');
  expect(await look(status)).not.toBe(await look(expires));
  const rows = page.getByRole('row').filter({ has: page.getByRole('checkbox', { name: /^Select (?!all)/ }) });
  await rows.first().getByRole('checkbox').check();
  expect(await look(rows.first())).not.toBe(await look(rows.nth(1)));
});

test('in forced colours each status has a shape of its own', { tag: '@V4' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  const owner = workspace.nonAdmin.user_name;
  const active = await workspace.createToken({ owner, comment: 'works', lifetime_days: 40 });
  const expired = await workspace.createToken({ owner, comment: 'ended', created_days_ago: 50, lifetime_days: 40 });
  // On the results for a leaked text, because the list shows findings instead of the status.
  await postForm(page, console, '/api/tokens/refresh', { back: '/' });
  await page.goto(FIND_LEAKED_PATH);
  await page.getByLabel('Leaked value').fill(`${active.token_id} ${expired.token_id}`);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByRole('heading', { level: 2, name: /^2 of 2/ })).toBeVisible();
  await page.emulateMedia({ forcedColors: 'active' });
  const dots = page.locator('.status .dot');
  await expect(dots).toHaveCount(2);
  expect(await look(dots.nth(0))).not.toBe(await look(dots.nth(1)));
});
