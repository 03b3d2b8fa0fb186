// The switch of personal access tokens: what it shows, what it asks, and how a change ends that takes its time or never comes. The rules S1 to S5 are those of the
// titles.

import type { Page } from '@playwright/test';

import { CONF_API, TOKENS_API, calls, openSignedIn, said, tokenRow, tokenSwitch } from '../support/console-page.ts';
import { BY_THE_CLOCK, expect, hydrated, test } from '../support/fixtures.ts';

const ADVANCED = '/w/acme-prod/settings/advanced';
const OFF_TITLE = 'Disable personal access tokens in acme-prod';
const ON_TITLE = 'Enable personal access tokens in acme-prod';

function offDialog(page: Page) {
  return page.getByRole('dialog', { name: OFF_TITLE });
}

async function switchOff(page: Page): Promise<void> {
  await tokenSwitch(page).click();
  await offDialog(page).getByRole('button', { name: 'Confirm' }).click();
}

test.describe('with JavaScript', () => {
  test.beforeEach(async ({ page, workspace }) => {
    await openSignedIn(page, workspace, ADVANCED);
    await hydrated(page);
  });

  test('S1 S2 S4: a switch with one name, a visible word and a form of its own', async ({ page }) => {
    await expect(tokenSwitch(page)).toBeChecked();
    await expect(tokenSwitch(page)).toHaveText('On');
    const setting = page.getByRole('region', { name: 'Personal Access Tokens' });
    await expect(setting.getByRole('switch')).toHaveCount(1);
    await expect(setting.getByRole('textbox')).toHaveCount(0);
    await expect(setting.getByRole('button', { name: 'Save' })).toHaveCount(0);
    await tokenSwitch(page).focus();
    await page.keyboard.press('Space');
    await expect(offDialog(page).getByRole('button', { name: 'Cancel' })).toBeFocused();
    await offDialog(page).getByRole('button', { name: 'Confirm' }).click();
    await expect(tokenSwitch(page)).not.toBeChecked();
    await expect(tokenSwitch(page)).toHaveText('Off');
    await expect(tokenSwitch(page)).toBeFocused();
    await expect(said(page)).toContainText('Personal access tokens are disabled');
  });

  test('S3: after cancelling it shows the old state, and nothing was sent', async ({ page, workspace }) => {
    await tokenSwitch(page).click();
    await offDialog(page).getByRole('button', { name: 'Cancel' }).click();
    await expect(offDialog(page)).toBeHidden();
    await expect(tokenSwitch(page)).toBeChecked();
    await expect(tokenSwitch(page)).toBeFocused();
    expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
  });

  test('S3: after a failure it shows the old state', async ({ page, workspace }) => {
    await workspace.fault({
      method: 'PATCH',
      path: CONF_API,
      effect: {
        kind: 'answer',
        status: 400,
        body: { kind: 'json_error', error_code: 'INVALID_PARAMETER_VALUE', message: 'no' },
      },
    });
    await switchOff(page);
    await expect(offDialog(page).getByRole('alert')).toContainText('acme-prod rejected the request');
    await page.keyboard.press('Escape');
    await expect(tokenSwitch(page)).toBeChecked();
    await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' })).toHaveCount(0);
  });

  test('S3: it shows what another admin did', async ({ page, workspace }) => {
    await workspace.change({ change: 'set_conf', values: { enableTokensConfig: 'false' } });
    await page.reload();
    await expect(tokenSwitch(page)).not.toBeChecked();
    await workspace.change({ change: 'set_conf', values: { enableTokensConfig: null } });
    await page.reload();
    await expect(tokenSwitch(page)).toBeChecked();
  });

  test('S5: switching on confirms too, with how many tokens come back', async ({ page, workspace }) => {
    await workspace.change({ change: 'set_conf', values: { enableTokensConfig: 'false' } });
    await page.reload();
    await hydrated(page);
    await tokenSwitch(page).click();
    const dialog = page.getByRole('dialog', { name: ON_TITLE });
    await expect(dialog).toContainText(/[1-9]\d* unexpired tokens of [1-9]\d* owners work again/);
    expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await expect(said(page)).toContainText('Personal access tokens are enabled');
    await expect(tokenSwitch(page)).toBeChecked();
  });

  test('a change that takes its time is followed until the workspace agrees', async ({ page, workspace }) => {
    await workspace.change({ change: 'set_knobs', knobs: { conf_stale_ms: 120_000 } });
    await switchOff(page);
    await expect(said(page)).toContainText('Waiting for confirmation.');
    await expect(tokenSwitch(page)).toBeChecked();
    await workspace.advanceClock(121_000);
    await expect(said(page)).toContainText('Personal access tokens are disabled');
    await expect(tokenSwitch(page)).not.toBeChecked();
    await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' })).toBeVisible();
    expect(await calls(workspace, 'PATCH', CONF_API)).toHaveLength(1);
  });

  test(
    'a success that did nothing ends in failure after 30 seconds, and not before',
    { tag: BY_THE_CLOCK },
    async ({ page, workspace }) => {
      await workspace.fault({ method: 'PATCH', path: CONF_API, effect: { kind: 'ignore' } });
      const sent = Date.now();
      await switchOff(page);
      await expect(said(page)).toContainText('Waiting for confirmation.');
      const failure = page.getByRole('alert').filter({ hasText: 'Accepted, but not confirmed' });
      await expect(failure).toBeVisible({ timeout: 40_000 });
      expect(Date.now() - sent).toBeGreaterThan(29_000);
      await expect(said(page)).toHaveText('');
      await expect(tokenSwitch(page)).toBeChecked();
      // It is told once: a visit later says nothing of it.
      await page.goto(ADVANCED);
      await expect(tokenSwitch(page)).toBeChecked();
      await expect(failure).toHaveCount(0);
    },
  );

  test('with tokens off every page says so, counts say that none works, and list and revoking go on', async ({
    page,
    workspace,
    console,
  }) => {
    const doomed = await workspace.createToken({
      owner: workspace.nonAdmin.user_name,
      comment: 'switch: dormant',
      lifetime_days: 30,
    });
    await workspace.change({ change: 'set_conf', values: { enableTokensConfig: 'false' } });
    const token = `${console.tokensPath}/${doomed.token_id}`;
    for (const path of [
      ADVANCED,
      `${ADVANCED}/switch?to=on`,
      '/w/acme-prod/find',
      token,
      `${token}/revoke`,
      console.tokensPath,
    ]) {
      await page.goto(path);
      await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' }), path).toBeVisible();
    }
    await expect(page.getByRole('navigation', { name: 'Counts' })).toContainText('Active (currently disabled)');
    await tokenRow(page, 'switch: dormant').getByRole('button', { name: 'Revoke' }).click();
    await page
      .getByRole('dialog', { name: 'Revoke “switch: dormant”' })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await expect(said(page)).toContainText('was revoked.');
    await expect(tokenRow(page, 'switch: dormant')).toHaveCount(0);
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toMatchObject([{ status: 200 }]);
    await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' })).toBeVisible();
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a change that takes its time waits for confirmation, and "Check again" tells when it is there', async ({
    page,
    workspace,
  }) => {
    await openSignedIn(page, workspace, ADVANCED);
    await workspace.change({ change: 'set_knobs', knobs: { conf_stale_ms: 120_000 } });
    await tokenSwitch(page).click();
    await expect(page.getByRole('heading', { level: 1, name: OFF_TITLE })).toBeVisible();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(said(page)).toContainText('Waiting for confirmation.');
    await page.getByRole('link', { name: 'Check again' }).click();
    await expect(said(page)).toContainText('Waiting for confirmation.');
    await expect(tokenSwitch(page)).toBeChecked();
    await workspace.advanceClock(121_000);
    await page.getByRole('link', { name: 'Check again' }).click();
    await expect(said(page)).toContainText('Personal access tokens are disabled');
    await expect(tokenSwitch(page)).not.toBeChecked();
    expect(await calls(workspace, 'PATCH', CONF_API)).toHaveLength(1);
  });

  test('without the typed name nothing is switched off by token', async ({ page, workspace }) => {
    await openSignedIn(page, workspace, ADVANCED, 'PAT');
    await tokenSwitch(page).click();
    await page.getByRole('textbox', { name: 'Type acme-prod to confirm' }).fill('acme-dev');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'The name does not match' })).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: OFF_TITLE })).toBeVisible();
    expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
  });
});
