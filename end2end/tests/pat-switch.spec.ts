// The switch for personal access tokens: what it shows, what it asks, and how a change ends that is slow or has no
// effect.

import type { Page } from '@playwright/test';

import { calls, openSignedIn, statusMessage, tokenRow, tokenSwitch } from '../support/console-page.ts';
import { jsonError } from '../support/demo-workspace.ts';
import { TIMING_SENSITIVE, expect, test, waitForHydration } from '../support/fixtures.ts';
import { CONF_API, FIND_LEAKED_PATH, SETTINGS_PATH, TOKENS_API, TOKENS_PATH } from '../support/paths.ts';

const DISABLE_TITLE = 'Disable personal access tokens in acme-prod';
const ENABLE_TITLE = 'Enable personal access tokens in acme-prod';

function disableDialog(page: Page) {
  return page.getByRole('dialog', { name: DISABLE_TITLE });
}

async function disableTokens(page: Page): Promise<void> {
  await tokenSwitch(page).click();
  await disableDialog(page).getByRole('button', { name: 'Confirm' }).click();
}

test.describe('with JavaScript', () => {
  test.beforeEach(async ({ page, workspace }) => {
    await openSignedIn(page, workspace, SETTINGS_PATH);
    await waitForHydration(page);
  });

  test(
    'the switch keeps its name, shows On or Off, and has a form of its own',
    { tag: ['@S1', '@S2', '@S4'] },
    async ({ page }) => {
      await expect(tokenSwitch(page)).toBeChecked();
      await expect(tokenSwitch(page)).toHaveText('On (default, never set)');
      const card = page.getByRole('region', { name: 'Personal Access Tokens' });
      await expect(card.getByRole('switch')).toHaveCount(1);
      await expect(card.getByRole('textbox')).toHaveCount(0);
      await expect(card.getByRole('button', { name: 'Save' })).toHaveCount(0);
      await tokenSwitch(page).focus();
      await page.keyboard.press('Space');
      await expect(disableDialog(page).getByRole('heading', { level: 1 })).toBeFocused();
      await disableDialog(page).getByRole('button', { name: 'Confirm' }).click();
      await expect(tokenSwitch(page)).not.toBeChecked();
      await expect(tokenSwitch(page)).toHaveText('Off');
      await expect(tokenSwitch(page)).toBeFocused();
      await expect(statusMessage(page)).toContainText('Personal access tokens are disabled');
    },
  );

  test('cancelling leaves the switch as it was and sends nothing', { tag: '@S3' }, async ({ page, workspace }) => {
    await tokenSwitch(page).click();
    await disableDialog(page).getByRole('button', { name: 'Cancel' }).click();
    await expect(disableDialog(page)).toBeHidden();
    await expect(tokenSwitch(page)).toBeChecked();
    await expect(tokenSwitch(page)).toBeFocused();
    expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
  });

  test('a failed change leaves the switch as it was', { tag: '@S3' }, async ({ page, workspace }) => {
    await workspace.addFault({
      method: 'PATCH',
      path: CONF_API,
      effect: jsonError(400, 'INVALID_PARAMETER_VALUE'),
    });
    await disableTokens(page);
    await expect(disableDialog(page).getByRole('alert')).toContainText('acme-prod rejected the request');
    await page.keyboard.press('Escape');
    await expect(tokenSwitch(page)).toBeChecked();
    await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' })).toHaveCount(0);
  });

  test('the switch shows a change that another admin made', { tag: '@S3' }, async ({ page, workspace }) => {
    await workspace.change({ change: 'set_conf', values: { enableTokensConfig: 'false' } });
    await page.reload();
    await expect(tokenSwitch(page)).not.toBeChecked();
    await workspace.change({ change: 'set_conf', values: { enableTokensConfig: null } });
    await page.reload();
    await expect(tokenSwitch(page)).toBeChecked();
  });

  test(
    'enabling asks for confirmation too, and says how many tokens work again',
    { tag: '@S5' },
    async ({ page, workspace }) => {
      await workspace.change({ change: 'set_conf', values: { enableTokensConfig: 'false' } });
      await page.reload();
      await waitForHydration(page);
      await tokenSwitch(page).click();
      const dialog = page.getByRole('dialog', { name: ENABLE_TITLE });
      await expect(dialog).toContainText(/Work again\s*[1-9][\d,]* unexpired tokens/);
      expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await expect(statusMessage(page)).toContainText('Personal access tokens are enabled');
      await expect(tokenSwitch(page)).toBeChecked();
    },
  );

  test('a slow change is followed until the workspace confirms it', async ({ page, workspace }) => {
    await workspace.change({ change: 'set_knobs', knobs: { conf_stale_ms: 120_000 } });
    await disableTokens(page);
    await expect(statusMessage(page)).toContainText('Waiting for confirmation.');
    await expect(tokenSwitch(page)).toBeChecked();
    await workspace.advanceClock(121_000);
    await expect(statusMessage(page)).toContainText('Personal access tokens are disabled');
    await expect(tokenSwitch(page)).not.toBeChecked();
    expect(await calls(workspace, 'PATCH', CONF_API)).toHaveLength(1);
    // One notice at a time: the banner says the same once the message is gone.
    const banner = page.getByRole('region', { name: 'Personal access tokens are disabled' });
    await expect(banner).toHaveCount(0);
    await page.goto(SETTINGS_PATH);
    await expect(banner).toBeVisible();
  });

  test(
    'a change without effect is reported as not confirmed after 30 seconds, not earlier',
    { tag: TIMING_SENSITIVE },
    async ({ page, workspace }) => {
      await workspace.addFault({ method: 'PATCH', path: CONF_API, effect: { kind: 'ignore' } });
      const sentAt = Date.now();
      await disableTokens(page);
      await expect(statusMessage(page)).toContainText('Waiting for confirmation.');
      const failure = page.getByRole('alert').filter({ hasText: 'Accepted, but not confirmed' });
      await expect(failure).toBeVisible({ timeout: 40_000 });
      expect(Date.now() - sentAt).toBeGreaterThan(29_000);
      await expect(statusMessage(page)).toHaveText('');
      await expect(tokenSwitch(page)).toBeChecked();
      // The failure is reported once; the next visit does not show it.
      await page.goto(SETTINGS_PATH);
      await expect(tokenSwitch(page)).toBeChecked();
      await expect(failure).toHaveCount(0);
    },
  );

  test('while tokens are disabled, every page and the counts say so, and tokens can still be revoked', async ({
    page,
    workspace,
  }) => {
    const { token_id } = await workspace.createToken({
      owner: workspace.nonAdmin.user_name,
      comment: 'switch: dormant',
      lifetime_days: 30,
    });
    await workspace.change({ change: 'set_conf', values: { enableTokensConfig: 'false' } });
    const token = `${TOKENS_PATH}/${token_id}`;
    for (const path of [
      SETTINGS_PATH,
      `${SETTINGS_PATH}/switch?to=on`,
      FIND_LEAKED_PATH,
      token,
      `${token}/revoke`,
      TOKENS_PATH,
    ]) {
      await page.goto(path);
      await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' }), path).toBeVisible();
    }
    await expect(page.getByRole('navigation', { name: 'Counts' })).toContainText(/0\s*Work, [\d,]+ suspended/);
    await tokenRow(page, 'switch: dormant').getByRole('button', { name: 'Revoke' }).click();
    await page
      .getByRole('dialog', { name: 'Revoke “switch: dormant”' })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await expect(statusMessage(page)).toContainText('was revoked.');
    await expect(tokenRow(page, 'switch: dormant')).toHaveCount(0);
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toMatchObject([{ status: 200 }]);
    await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' })).toBeVisible();
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a slow change waits for confirmation, and "Check again" shows when it arrived', async ({ page, workspace }) => {
    await openSignedIn(page, workspace, SETTINGS_PATH);
    await workspace.change({ change: 'set_knobs', knobs: { conf_stale_ms: 120_000 } });
    await tokenSwitch(page).click();
    await expect(page.getByRole('heading', { level: 1, name: DISABLE_TITLE })).toBeVisible();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(statusMessage(page)).toContainText('Waiting for confirmation.');
    await page.getByRole('link', { name: 'Check again' }).click();
    await expect(statusMessage(page)).toContainText('Waiting for confirmation.');
    await expect(tokenSwitch(page)).toBeChecked();
    await workspace.advanceClock(121_000);
    await page.getByRole('link', { name: 'Check again' }).click();
    await expect(statusMessage(page)).toContainText('Personal access tokens are disabled');
    await expect(tokenSwitch(page)).not.toBeChecked();
    expect(await calls(workspace, 'PATCH', CONF_API)).toHaveLength(1);
  });

  test('a session with a token disables nothing unless the name is typed', async ({ page, workspace }) => {
    await openSignedIn(page, workspace, SETTINGS_PATH, 'PAT');
    await tokenSwitch(page).click();
    await page.getByRole('textbox', { name: 'Type acme-prod to confirm' }).fill('acme-dev');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'The name does not match' })).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: DISABLE_TITLE })).toBeVisible();
    expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
  });
});
