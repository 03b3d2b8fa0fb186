// The main pages on paper, and in the colours that a person has set for every program.

import type { Locator, Page } from '@playwright/test';

import { BULK_SCOPES_STATES } from '../support/bulk-scopes-states.ts';
import { openAsAdmin, postForm } from '../support/console-page.ts';
import { ONE_PAGE_OF_TOKENS, expect, test } from '../support/fixtures.ts';
import { axeViolations, horizontalOverflow } from '../support/page-checks.ts';
import {
  ACTIVITY_PATH,
  BULK_REVOCATIONS_PATH,
  FIND_LEAKED_PATH,
  PERMISSIONS_PATH,
  SETTINGS_PATH,
  TOKENS_PATH,
} from '../support/paths.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS });

const PAGES = [
  ['tokens', `${TOKENS_PATH}?status=active`],
  ['activity', ACTIVITY_PATH],
  ['permissions', PERMISSIONS_PATH],
  ['settings', SETTINGS_PATH],
  ['bulk revocations', BULK_REVOCATIONS_PATH],
] as const;

/** A sheet of A4 at 96 dpi, without its margins. */
const PAPER = { width: 718, height: 1046 };

/** What an element looks like apart from its text. */
async function look(element: Locator, pseudo?: string): Promise<string> {
  return element.evaluate((element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    return [style.outline, style.borderBlockEnd, style.textDecoration, style.backgroundColor, style.boxShadow].join(
      '; ',
    );
  }, pseudo);
}

async function expectNoControls(page: Page): Promise<void> {
  const controls = 'main :is(input[type=checkbox], .cell-actions, .pager, .selection-bar), .bar nav, .bar form, .skip';
  expect(await page.locator(controls).filter({ visible: true }).count()).toBe(0);
}

for (const [name, path] of PAGES) {
  test(`${name}: in forced colours and on paper`, { tag: ['@V4', '@A4'] }, async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, path);
    await page.emulateMedia({ forcedColors: 'active' });
    expect(await axeViolations(page)).toEqual([]);
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    const current = links.and(page.locator('[aria-current=page]'));
    await expect(current).toHaveCount(1);
    expect(await look(current)).not.toBe(await look(links.and(page.locator(':not([aria-current])')).first()));

    await page.emulateMedia({ forcedColors: 'none', media: 'print' });
    await page.setViewportSize(PAPER);
    expect(await horizontalOverflow(page)).toEqual([]);
    await expectNoControls(page);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
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

test('in forced colours each status has a shape of its own', { tag: '@V4' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  const owner = workspace.nonAdmin.user_name;
  const active = await workspace.createToken({ owner, comment: 'works', lifetime_days: 40 });
  const expired = await workspace.createToken({ owner, comment: 'ended', created_days_ago: 50, lifetime_days: 40 });
  // As for a leaked text: the list shows no status of its own, only findings.
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
