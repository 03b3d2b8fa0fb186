// The states of `cargo xtask screenshots`: a name, with which the file names start, and the steps that lead to the
// state from a console without any sign-in.

import type { Page } from '@playwright/test';

import { accountButton, openAsAdmin, openSignedIn, signInToStaging, tokenSwitch } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import { type DemoWorkspace, jsonError } from '../support/demo-workspace.ts';
import { expect, waitForHydration } from '../support/fixtures.ts';
import {
  BULK_REVOCATIONS_PATH,
  FINDINGS_PATH,
  FIND_LEAKED_PATH,
  NEW_TOKEN_PATH,
  PERMISSIONS_PATH,
  PRINCIPALS_PATH,
  SCOPES_PATH,
  SETTINGS_PATH,
  TOKENS_API,
  TOKENS_PATH,
} from '../support/paths.ts';
import { acceptFinding, createExampleToken, makeActivity } from '../support/states.ts';

interface PictureState {
  name: string;
  open(page: Page, workspace: DemoWorkspace, console: Console): Promise<void>;
}

/** A page for an admin who is signed in with a personal access token. */
function pageAt(path: string): PictureState['open'] {
  return async (page, workspace, console) => {
    await openAsAdmin(page, workspace, console, path);
    await waitForHydration(page);
  };
}

async function openRevokeDialog(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  await pageAt(TOKENS_PATH)(page, workspace, console);
  await page.getByRole('table').getByRole('button', { name: 'Revoke' }).first().click();
  await expect(page.getByRole('dialog', { name: /^Revoke “/ })).toBeVisible();
}

async function openPermissionsReview(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  await pageAt(PERMISSIONS_PATH)(page, workspace, console);
  await page.getByRole('button', { name: 'Remove analytics' }).click();
  await page.getByRole('button', { name: 'Review changes' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Review permission changes' })).toBeVisible();
}

/** Reviews tokens of several people. */
async function reviewManyTokens(page: Page, workspace: DemoWorkspace, console: Console): Promise<number> {
  await pageAt(`${TOKENS_PATH}?q=laptop`)(page, workspace, console);
  await page.getByRole('button', { name: 'Select this page' }).click();
  await page.getByRole('button', { name: 'Review selected' }).click();
  const heading = page.getByRole('heading', { level: 1, name: /^Revoke \d+ tokens$/ });
  return Number(/\d+/.exec((await heading.textContent()) ?? '')?.[0]);
}

async function startManyTokens(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  const count = await reviewManyTokens(page, workspace, console);
  await page.getByRole('textbox', { name: `Type ${count} to confirm` }).fill(String(count));
  await page.getByRole('button', { name: `Revoke ${count} tokens` }).click();
}

async function failSomeOfManyTokens(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  const effect = jsonError(400, 'INVALID_PARAMETER_VALUE');
  await workspace.addFault({ method: 'DELETE', path: TOKENS_API, times: 7, effect });
  await startManyTokens(page, workspace, console);
  const heading = page.getByRole('heading', { level: 1, name: /could not be revoked$/ });
  await expect(heading).toBeVisible({ timeout: 30_000 });
}

export const STATES: PictureState[] = [
  {
    name: 'sign-in',
    open: async page => {
      await page.goto('/sign-in');
      await waitForHydration(page);
    },
  },
  {
    name: 'tokens',
    open: async (page, workspace, console) => {
      await pageAt(TOKENS_PATH)(page, workspace, console);
      // On the first page, the owners that the workspace has no longer are still asked for one by one.
      await expect(async () => {
        await page.reload();
        await expect(page.getByRole('navigation', { name: 'Counts' })).not.toContainText('At least', { timeout: 100 });
      }).toPass();
    },
  },
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
    name: 'token-drawer',
    open: async (page, workspace, console) => {
      await pageAt(TOKENS_PATH)(page, workspace, console);
      await page.setViewportSize({ ...page.viewportSize()!, width: Math.max(page.viewportSize()!.width, 1440) });
      await page.getByRole('rowheader').getByRole('link').nth(4).click();
      await expect(page.getByRole('complementary')).toBeVisible();
    },
  },
  {
    name: 'token-of-a-list',
    open: async (page, workspace, console) => {
      await pageAt(`${TOKENS_PATH}?q=a`)(page, workspace, console);
      await page.goto(`${TOKENS_PATH}?q=observing`);
      const path = await page.getByRole('rowheader').getByRole('link').first().getAttribute('href');
      await page.goto(`${path}?from=status%3Dactive`);
      await waitForHydration(page);
    },
  },
  {
    name: 'token',
    open: async (page, workspace, console) => pageAt(await createExampleToken(workspace))(page, workspace, console),
  },
  {
    name: 'findings',
    open: async (page, workspace, console) => {
      await pageAt(FINDINGS_PATH)(page, workspace, console);
      await acceptFinding(page, 'never-used', 'runs four times a year');
      await page.locator('#over-policy, #never-expires').getByText('Accept…').first().click();
    },
  },
  {
    name: 'principal',
    open: async (page, workspace, console) =>
      pageAt(`${PRINCIPALS_PATH}/${workspace.nonAdmin.id}`)(page, workspace, console),
  },
  { name: 'scopes', open: pageAt(SCOPES_PATH) },
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
  { name: 'permissions-edited', open: pageAt(`${PERMISSIONS_PATH}?add=group:users&remove=group:analytics`) },
  { name: 'permissions-review', open: openPermissionsReview },
  {
    name: 'bulk-review',
    open: async (page, workspace, console) => {
      await reviewManyTokens(page, workspace, console);
    },
  },
  {
    name: 'bulk-running',
    open: async (page, workspace, console) => {
      await workspace.addFault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 1500 });
      await startManyTokens(page, workspace, console);
      await expect(page.getByText(/per second, about/)).toBeVisible();
    },
  },
  { name: 'bulk-failed', open: failSomeOfManyTokens },
  {
    name: 'bulk-list',
    open: async (page, workspace, console) => {
      await failSomeOfManyTokens(page, workspace, console);
      await page.goto(BULK_REVOCATIONS_PATH);
    },
  },
  {
    name: 'activity',
    open: async (page, workspace, console) => {
      await makeActivity(page, workspace, console);
      await waitForHydration(page);
    },
  },
  {
    name: 'activity-unfolded',
    open: async (page, workspace, console) => {
      await makeActivity(page, workspace, console);
      await waitForHydration(page);
      await page.getByText('1 of 2 revoked, 1 failed').click();
      await page.getByText('Details: Mia Kowalski revoked Power BI refresh').click();
    },
  },
  { name: 'settings', open: pageAt(SETTINGS_PATH) },
  { name: 'new-token', open: pageAt(`${NEW_TOKEN_PATH}?days=9999&scopes=SQL!&check=1`) },
  {
    name: 'first-token',
    open: async (page, workspace) => {
      await openSignedIn(page, workspace, FIND_LEAKED_PATH);
      await workspace.change({ change: 'remove_all_tokens' });
      await page.goto(`${NEW_TOKEN_PATH}/first`);
      await waitForHydration(page);
    },
  },
  {
    name: 'tokens-none',
    open: async (page, workspace) => {
      await openSignedIn(page, workspace, FIND_LEAKED_PATH);
      await workspace.change({ change: 'remove_all_tokens' });
      await page.goto(TOKENS_PATH);
      await waitForHydration(page);
    },
  },
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
export const STATES_OF_SEVERAL_WORKSPACES: PictureState[] = [
  {
    name: 'workspaces',
    open: async (page, workspace, console) => {
      await openAsAdmin(page, workspace, console, '/healthz');
      await signInToStaging(page, workspace);
      await page.goto('/');
      await waitForHydration(page);
    },
  },
];
