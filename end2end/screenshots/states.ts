// What `cargo xtask screenshots` takes pictures of: a name, which is the beginning of the files' names, and the steps
// that lead there from a console without any sign-in.

import type { Page } from '@playwright/test';

import { accountButton, openAsAdmin, openSignedIn, statusMessage, tokenSwitch } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { expect, waitForHydration } from '../support/fixtures.ts';
import {
  ACTIVITY_PATH,
  FIND_LEAKED_PATH,
  PERMISSIONS_PATH,
  PRINCIPALS_PATH,
  SETTINGS_PATH,
  TOKENS_PATH,
} from '../support/paths.ts';
import { createExampleToken, reviewTwoTokens } from '../support/states.ts';

interface PictureState {
  name: string;
  open(page: Page, workspace: DemoWorkspace, console: Console): Promise<void>;
}

/** A page as an admin sees it who is signed in with a personal access token. */
function pageAt(path: string): PictureState['open'] {
  return async (page, workspace, console) => {
    await openAsAdmin(page, workspace, console, path);
    await waitForHydration(page);
  };
}

/** Revokes a token and changes a setting, so that there is something to look at. */
async function makeActivity(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  await openRevokeDialog(page, workspace, console);
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(statusMessage(page)).toContainText('was revoked.');
  await page.goto(SETTINGS_PATH);
  await page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' }).fill('90');
  await page.getByRole('button', { name: 'Save maximum lifetime' }).click();
  await expect(statusMessage(page)).toContainText('Saved.');
}

async function openRevokeDialog(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  await pageAt(TOKENS_PATH)(page, workspace, console);
  await page.getByRole('table').getByRole('button', { name: 'Revoke' }).first().click();
  await expect(page.getByRole('dialog', { name: /^Revoke “/ })).toBeVisible();
}

async function openPermissionsReview(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  await pageAt(PERMISSIONS_PATH)(page, workspace, console);
  await page.getByRole('checkbox', { name: 'Remove analytics' }).check();
  await page.getByRole('button', { name: 'Review changes' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Review changes' })).toBeVisible();
}

export const STATES: PictureState[] = [
  {
    name: 'sign-in',
    open: async page => {
      await page.goto('/sign-in');
      await waitForHydration(page);
    },
  },
  { name: 'tokens', open: pageAt(TOKENS_PATH) },
  { name: 'tokens-filtered', open: pageAt(`${TOKENS_PATH}?q=a&status=active&finding=never-expires`) },
  {
    name: 'tokens-selected',
    open: async (page, workspace, console) => {
      await pageAt(TOKENS_PATH)(page, workspace, console);
      const checkboxes = page.getByRole('row').getByRole('checkbox', { name: /^Select (?!all)/ });
      await checkboxes.nth(1).check();
      await checkboxes.nth(2).check();
      await expect(page.getByRole('group', { name: 'Selection' })).toContainText('2 selected');
    },
  },
  { name: 'tokens-no-match', open: pageAt(`${TOKENS_PATH}?q=zzz`) },
  {
    name: 'token',
    open: async (page, workspace, console) => pageAt(await createExampleToken(workspace))(page, workspace, console),
  },
  {
    name: 'principal',
    open: async (page, workspace, console) =>
      pageAt(`${PRINCIPALS_PATH}/${workspace.nonAdmin.id}`)(page, workspace, console),
  },
  { name: 'revoke-dialog', open: openRevokeDialog },
  {
    name: 'disable-dialog',
    open: async (page, workspace) => {
      await openSignedIn(page, workspace, SETTINGS_PATH);
      await waitForHydration(page);
      await tokenSwitch(page).click();
      await expect(page.getByRole('dialog', { name: /^Disable/ })).toBeVisible();
    },
  },
  { name: 'permissions', open: pageAt(PERMISSIONS_PATH) },
  { name: 'permissions-review', open: openPermissionsReview },
  {
    name: 'bulk-review',
    open: async (page, workspace, console) => {
      await reviewTwoTokens(page, workspace, console);
    },
  },
  {
    name: 'bulk-finished',
    open: async (page, workspace, console) => {
      await reviewTwoTokens(page, workspace, console);
      await page.getByRole('textbox', { name: 'Type 2 to confirm' }).fill('2');
      await page.getByRole('button', { name: 'Revoke 2 tokens' }).click();
      await expect(statusMessage(page)).toContainText('All 2 tokens were revoked (confirmed).', { timeout: 30_000 });
    },
  },
  {
    name: 'activity',
    open: async (page, workspace, console) => {
      await makeActivity(page, workspace, console);
      await page.goto(ACTIVITY_PATH);
      await waitForHydration(page);
    },
  },
  { name: 'settings', open: pageAt(SETTINGS_PATH) },
  { name: 'settings-lifetime', open: pageAt(`${SETTINGS_PATH}?lifetime=90`) },
  { name: 'find-leaked', open: pageAt(FIND_LEAKED_PATH) },
  {
    name: 'account-menu',
    open: async (page, workspace, console) => {
      await pageAt(TOKENS_PATH)(page, workspace, console);
      await accountButton(page).click();
      await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    },
  },
  { name: 'not-found', open: pageAt('/w/acme-prod/nothing-here') },
];

/** With a console for several workspaces. */
export const STATES_OF_SEVERAL_WORKSPACES: PictureState[] = [{ name: 'workspaces', open: pageAt('/') }];
