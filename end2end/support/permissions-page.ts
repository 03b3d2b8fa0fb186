// The permission editor, as a person finds things in it.

import type { Locator, Page } from '@playwright/test';

import { openAsAdmin } from './console-page.ts';
import type { Console } from './console.ts';
import type { DemoWorkspace } from './demo-workspace.ts';
import { expect, hydrated } from './fixtures.ts';

export const ADVANCED = '/w/acme-prod/settings/advanced';
export const PERMISSIONS = `${ADVANCED}/permissions`;
export const API = '/api/2.0/permissions/authorization/tokens';

export const picker = (page: Page): Locator =>
  page.getByRole('combobox', { name: 'Add a user, group or service principal' });
export const review = (page: Page): Locator => page.getByRole('button', { name: 'Review changes' });
/** Its name says how many active tokens stop, if any. */
export const save = (page: Page): Locator =>
  page.getByRole('button', { name: /^(Save|Remove access and stop [\d,]+ tokens?)$/ });
export const grant = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name}`) }) });
export const remove = (page: Page, name: string): Locator => page.getByRole('checkbox', { name: `Remove ${name}` });

/** The editor over a list of two groups and a person. */
export async function open(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  await workspace.change({
    change: 'set_grants',
    can_use: ['data-platform', 'analytics', workspace.nonAdmin.user_name],
  });
  await openAsAdmin(page, workspace, console, PERMISSIONS);
  await hydrated(page);
}

export async function add(page: Page, text: string, option: RegExp): Promise<void> {
  await picker(page).fill(text);
  await page.getByRole('option', { name: option }).click();
  await expect(page.getByText('To be added')).not.toHaveCount(0);
}

/** The names that the workspace's list has, as anybody reads them who opens the page now. */
export async function granted(page: Page): Promise<string[]> {
  await page.goto(PERMISSIONS);
  const rows = page.getByRole('rowheader');
  await expect(rows.first()).toBeVisible();
  return (await rows.allInnerTexts()).map(text => text.split(/\s*\n|\s+(?=Group|User|Service principal)/)[0]!.trim());
}
