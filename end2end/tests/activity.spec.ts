// The record: each change with who, when, what, before and after, reason and outcome; refused tries; a token's own history; taking it along.

import { readFile } from 'node:fs/promises';

import { openAsAdmin, said, tokenSwitch } from '../support/console-page.ts';
import { expect, hydrated, test } from '../support/fixtures.ts';

const ACTIVITY = '/w/acme-prod/activity';
const ADVANCED = '/w/acme-prod/settings/advanced';

for (const javaScriptEnabled of [true, false]) {
  test.describe(`with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    test.use({ javaScriptEnabled });

    test('what is done is found there, with the reason, and a token keeps its history', async ({
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
      await openAsAdmin(page, workspace, console, ACTIVITY);
      await expect(page.getByText('No activity yet')).toBeVisible();

      await page.goto(`/w/acme-prod/tokens/${token_id}`);
      if (javaScriptEnabled) await hydrated(page);
      await page.getByRole('main').getByRole('button', { name: 'Revoke' }).click();
      const confirm = javaScriptEnabled ? page.getByRole('dialog') : page.getByRole('main');
      await confirm.getByText('Add a reason').click();
      await confirm
        .getByRole('textbox', { name: 'Reason (optional, recorded in Activity)' })
        .fill('=leaked, in "a" log');
      await confirm.getByRole('button', { name: 'Revoke' }).click();
      await expect(said(page)).toContainText('was revoked.');

      await page.goto(ADVANCED);
      await page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' }).fill('90');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await expect(said(page)).toContainText('Saved.');

      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click();
      const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
      await expect(rows).toHaveCount(2);
      for (const [row, texts] of [
        [rows.nth(0), ['Set maximum lifetime', '90 days', 'Done', 'Confirmed']],
        [
          rows.nth(1),
          [
            'Revoke token',
            token_id.slice(0, 7),
            workspace.admin.user_name,
            comment,
            '=leaked, in "a" log',
            'Done',
            'Revoked',
          ],
        ],
      ] as const) {
        for (const text of texts) await expect(row).toContainText(text);
      }

      await page.getByRole('searchbox', { name: 'Search by target, value or reason' }).fill('LEAKED');
      await page.getByRole('combobox', { name: 'Outcome' }).selectOption({ label: 'Done' });
      await page.getByRole('button', { name: 'Apply' }).click();
      await expect(page).toHaveURL(/q=LEAKED/);
      await expect(rows).toHaveCount(1);
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Export CSV' }).click();
      const csv = await readFile(await (await download).path(), 'utf8');
      expect(csv.split('\r\n').length, 'the filters hold for the export').toBe(3);
      expect(csv).toContain(`"'=leaked, in ""a"" log"`);
      expect(csv).not.toMatch(/(^|,)"?=/m);

      // The token is gone, its history is not.
      await rows.getByRole('link', { name: token_id.slice(0, 7) }).click();
      await expect(page.getByRole('heading', { name: 'Token not found' })).toBeVisible();
      await expect(page.getByRole('region', { name: 'History' })).toContainText('=leaked, in "a" log');
    });
  });
}

test('a refused try and a failure are in the record too', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${ADVANCED}/switch?to=off`);
  await page.request.post('/api/settings/switch', {
    form: { workspace: 'acme-prod', to: 'off', typed: 'acme-pord' },
    headers: { accept: 'text/html', origin: console.url },
    maxRedirects: 0,
  });
  await workspace.fault({
    method: 'PATCH',
    path: '/api/2.0/workspace-conf',
    effect: {
      kind: 'answer',
      status: 400,
      body: { kind: 'json_error', error_code: 'INVALID_PARAMETER_VALUE', message: 'no' },
    },
  });
  await page.request.post('/api/settings/lifetime', {
    form: { workspace: 'acme-prod', days: '30' },
    headers: { accept: 'text/html', origin: console.url },
    maxRedirects: 0,
  });
  await page.goto(ACTIVITY);
  await expect(page.getByRole('row').filter({ hasText: 'Enable or disable tokens' })).toContainText(
    'Refused The name typed did not match',
  );
  await expect(page.getByRole('row').filter({ hasText: 'Set maximum lifetime' })).toContainText('Failed');
  await page.goto(ADVANCED);
  await expect(tokenSwitch(page)).toBeChecked();
});

test('in the hand it is readable', async ({ page, workspace, console }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await openAsAdmin(page, workspace, console, ADVANCED);
  await page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' }).fill('365');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(said(page)).toContainText('Saved.');
  await page.goto(ACTIVITY);
  await expect(page.getByRole('row').filter({ hasText: '365' })).toBeVisible();
  expect(
    await page.evaluate(() => document.scrollingElement!.scrollWidth - document.scrollingElement!.clientWidth),
  ).toBe(0);
});
