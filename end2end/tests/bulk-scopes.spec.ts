// Narrowing the scopes of a token after a review, and putting them back.

import { openAsAdmin } from '../support/console-page.ts';
import { expect, test } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
import { TOKENS_PATH } from '../support/paths.ts';

test(
  'a token is narrowed after a review of what it loses, and gets back what it had',
  { tag: ['@B2', '@B6'] },
  async ({ page, workspace, console }) => {
    const { token_id } = await workspace.createToken({
      owner: workspace.nonAdmin.user_name,
      comment: 'nightly export',
      lifetime_days: 40,
      used_days_ago: 0,
      scopes: ['sql', 'jobs'],
    });
    await workspace.change({
      change: 'set_scope_use',
      token_id,
      autoscope: 'AUTOSCOPE_STATE_RUNNING',
      inferred_scopes: ['sql'],
      backfill_scopes: [],
    });
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}/${token_id}`);
    await page.getByRole('button', { name: 'Narrow to proposed' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Narrow the scopes of 1 token' })).toBeVisible();
    await expect(page.getByRole('table', { name: 'What is lost' }).getByRole('row')).toHaveText([/Scope/, /jobs.*1/]);
    await checkLayoutAndA11y(page);
    await page.getByRole('button', { name: 'Narrow the scopes of 1 token' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'The token was narrowed' })).toBeVisible();
    await checkLayoutAndA11y(page);
    await page.getByRole('button', { name: /^Put back/ }).click();
    await expect(page.getByText('This widens 1 token.')).toBeVisible();
    await page.getByRole('button', { name: 'Put back the scopes of 1 token' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'The token was put back' })).toBeVisible();
    await page.goto(`${TOKENS_PATH}/${token_id}`);
    await expect(page.getByRole('button', { name: 'Keep current scopes' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Narrow to proposed' })).toBeVisible();
  },
);
