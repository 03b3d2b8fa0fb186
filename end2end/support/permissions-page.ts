// The controls of the permission editor.

import type { Locator, Page } from '@playwright/test';

import { openAsAdmin } from './console-page.ts';
import type { Console } from './console.ts';
import type { DemoWorkspace } from './demo-workspace.ts';
import { expect, waitForHydration } from './fixtures.ts';
import { PERMISSIONS_PATH } from './paths.ts';

export const picker = (page: Page): Locator =>
  page.getByRole('combobox', { name: 'Add a user, group or service principal' });
export const reviewButton = (page: Page): Locator => page.getByRole('button', { name: 'Review changes' });
/** Its name contains how many active tokens stop, if any. */
export const saveButton = (page: Page): Locator =>
  page.getByRole('button', { name: /^(Save|Remove access and stop .+ tokens?)$/ });
export const grantRow = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name}`) }) });
export const removeButton = (page: Page, name: string): Locator => page.getByRole('button', { name: `Remove ${name}` });
export const undoButton = (page: Page, name: string): Locator =>
  page.getByRole('button', { name: `Undo removal of ${name}` });
/** A fact of the review, such as the removed permissions. */
export const fact = (page: Page, label: string): Locator =>
  page.locator('dl > div').filter({ has: page.getByRole('term').filter({ hasText: label }) });

/** Types how many tokens stop, if the review asks for that, and saves. */
export async function confirmAndSave(page: Page): Promise<void> {
  await expect(saveButton(page)).toBeVisible();
  const field = page.getByRole('textbox', { name: /^Type ([\d,]+|unknown) to confirm/ });
  if (await field.isVisible()) await field.fill((await field.getAttribute('data-expect'))!);
  await saveButton(page).click();
}

/** Opens the editor for a list of two groups and a user. */
export async function openEditor(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  await workspace.change({
    change: 'set_grants',
    can_use: ['data-platform', 'analytics', workspace.nonAdmin.user_name],
  });
  await openAsAdmin(page, workspace, console, PERMISSIONS_PATH);
  await waitForHydration(page);
}

export async function addPrincipal(page: Page, text: string, option: RegExp): Promise<void> {
  await picker(page).fill(text);
  await page.getByRole('option', { name: option }).click();
  await expect(page.getByText('will be added')).not.toHaveCount(0);
}

/** Opens the editor again and returns the names on the workspace's current list. */
export async function readGrantees(page: Page): Promise<string[]> {
  await page.goto(PERMISSIONS_PATH);
  const rows = page.getByRole('rowheader');
  await expect(rows.first()).toBeVisible();
  return rows.locator('.name').allInnerTexts();
}
