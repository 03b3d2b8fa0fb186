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
  page.getByRole('button', { name: /^(Save|Remove access and stop [\d,]+ tokens?)$/ });
export const grantRow = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name}`) }) });
export const removeCheckbox = (page: Page, name: string): Locator =>
  page.getByRole('checkbox', { name: `Remove ${name}` });

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
  await expect(page.getByText('To be added')).not.toHaveCount(0);
}

/** Opens the editor again and returns the names on the workspace's current list. */
export async function readGrantees(page: Page): Promise<string[]> {
  await page.goto(PERMISSIONS_PATH);
  const rows = page.getByRole('rowheader');
  await expect(rows.first()).toBeVisible();
  return (await rows.allInnerTexts()).map(text => text.split(/\s*\n|\s+(?=Group|User|Service principal)/)[0]!.trim());
}
