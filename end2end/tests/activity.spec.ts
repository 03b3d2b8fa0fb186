// The activity log: who changed what, when and why, from which value to which, and with what outcome; refused attempts;
// a token's own history; the export.

import { readFile } from 'node:fs/promises';

import type { Locator, Page } from '@playwright/test';

import { openAsAdmin, postForm, statusMessage, tokenSwitch } from '../support/console-page.ts';
import { jsonError } from '../support/demo-workspace.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { horizontalOverflow } from '../support/page-checks.ts';
import { ACTIVITY_PATH, CONF_API, SETTINGS_PATH, TOKENS_PATH } from '../support/paths.ts';

/** The rows of the list. */
function entries(page: Page): Locator {
  return page.getByRole('region', { name: 'Activity' }).getByRole('listitem');
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('changes are logged with their reasons and can be exported, and a revoked token keeps its history', async ({
      page,
      workspace,
      console,
    }) => {
      const comment = '=HYPERLINK("http://evil.example","x")';
      const { token_id } = await workspace.createToken({
        owner: workspace.nonAdmin.user_name,
        comment,
        lifetime_days: 30,
      });
      await openAsAdmin(page, workspace, console, ACTIVITY_PATH);
      await expect(page.getByText('No activity yet')).toBeVisible();

      await page.goto(`${TOKENS_PATH}/${token_id}`);
      if (javaScriptEnabled) await waitForHydration(page);
      await page.getByRole('main').getByRole('button', { name: 'Revoke' }).click();
      const confirm = javaScriptEnabled ? page.getByRole('dialog') : page.getByRole('main');
      await confirm
        .getByRole('textbox', { name: 'Reason (optional, recorded in Activity)' })
        .fill('=leaked, in "a" log');
      await confirm.getByRole('button', { name: 'Revoke' }).click();
      await expect(statusMessage(page)).toContainText('was revoked.');

      await page.goto(SETTINGS_PATH);
      await page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' }).fill('90');
      await page.getByRole('button', { name: 'Save maximum lifetime' }).click();
      await expect(statusMessage(page)).toContainText('Saved.');

      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click();
      await expect(page.getByRole('heading', { level: 2, name: /^Today, / })).toBeVisible();
      const rows = entries(page);
      await expect(rows).toHaveCount(2);
      await expect(rows.nth(0)).toContainText('Mia Kowalski set the maximum lifetime of new tokens');
      await expect(rows.nth(0)).toContainText('to 90 days');
      await expect(rows.nth(0)).toContainText('Done');
      await expect(rows.nth(1)).toContainText(`revoked ${comment} of Kai Tanaka · =leaked, in "a" log`);
      await expect(rows.nth(1)).toContainText('Revoked');
      const details = rows.nth(1).getByText(`Details: Mia Kowalski revoked ${comment}`);
      await expect(rows.nth(1).getByText('Request ID')).toBeHidden();
      await details.click();
      await expect(rows.nth(1).getByText('Request ID')).toBeVisible();
      for (const text of ['Revoke token', token_id, workspace.admin.user_name]) {
        await expect(rows.nth(1)).toContainText(text);
      }

      await page.getByRole('searchbox', { name: 'Search by target, value or reason' }).fill('LEAKED');
      await page.getByRole('combobox', { name: 'Outcome' }).selectOption({ label: 'Done' });
      await page.getByRole('button', { name: 'Apply' }).click();
      await expect(page).toHaveURL(/q=LEAKED/);
      await expect(rows).toHaveCount(1);

      const dates = page.getByRole('search', { name: 'Filter activity' });
      await dates.getByText('Custom dates').click();
      await dates.getByLabel('To', { exact: true }).fill('2020-01-31');
      await dates.getByRole('button', { name: 'Apply dates' }).click();
      await expect(page.getByText('No activity matches your filters')).toBeVisible();
      await dates.getByText('Until 31 Jan 2020').click();
      await dates.getByLabel('To', { exact: true }).fill('');
      await dates.getByLabel('From', { exact: true }).fill('2020-01-31');
      await dates.getByRole('button', { name: 'Apply dates' }).click();
      await expect(rows).toHaveCount(1);
      await dates.getByText('From 31 Jan 2020').click();
      await expect(dates.getByLabel('From', { exact: true })).toHaveValue('2020-01-31');
      const ranges = page.getByRole('navigation', { name: 'Dates' });
      await ranges.getByRole('link', { name: 'Last quarter' }).click();
      await expect(page.getByText('No activity matches your filters')).toBeVisible();
      await ranges.getByRole('link', { name: 'This quarter' }).click();
      await expect(ranges.getByRole('link', { name: 'This quarter' })).toHaveAttribute('aria-current', 'true');
      await expect(rows).toHaveCount(1);
      await page.getByText('Export all that match').click();
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Export CSV' }).click();
      const csv = await readFile(await (await download).path(), 'utf8');
      expect(csv.split('\r\n').length, 'the export is filtered too').toBe(3);
      expect(csv).toContain(`"'=leaked, in ""a"" log"`);
      expect(csv).not.toMatch(/(^|,)"?=/m);

      // The token no longer exists, but its history does.
      await rows.getByRole('link', { name: comment }).click();
      await expect(page.getByRole('heading', { name: 'Token not found' })).toBeVisible();
      await expect(page.getByRole('region', { name: 'History' })).toContainText('=leaked, in "a" log');
    });
  });
}

test('refused and failed changes are logged too', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${SETTINGS_PATH}/switch?to=off`);
  await postForm(page, console, '/api/settings/switch', { to: 'off', typed: 'acme-pord' });
  await workspace.addFault({
    method: 'PATCH',
    path: CONF_API,
    effect: jsonError(400, 'INVALID_PARAMETER_VALUE'),
  });
  await postForm(page, console, '/api/settings/lifetime', { days: '30' });
  await page.goto(ACTIVITY_PATH);
  const refused = entries(page).filter({ hasText: 'tried to disable Personal Access Tokens' });
  await expect(refused).toContainText('The name typed did not match');
  await expect(refused).toContainText('Refused');
  await expect(entries(page).filter({ hasText: 'tried to set the maximum lifetime' })).toContainText('Failed');
  await page.goto(SETTINGS_PATH);
  await expect(tokenSwitch(page)).toBeChecked();
});

test('the activity log fits a narrow window', async ({ page, workspace, console }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await openAsAdmin(page, workspace, console, SETTINGS_PATH);
  await page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' }).fill('365');
  await page.getByRole('button', { name: 'Save maximum lifetime' }).click();
  await expect(statusMessage(page)).toContainText('Saved.');
  await page.goto(ACTIVITY_PATH);
  await expect(entries(page).filter({ hasText: 'to 365 days' })).toBeVisible();
  expect(await horizontalOverflow(page)).toEqual([]);
});
