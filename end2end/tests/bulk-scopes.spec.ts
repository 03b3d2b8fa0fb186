// Narrowing the scopes of a token after a review, and putting them back.

import { openAsAdmin } from '../support/console-page.ts';
import { expect, test } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
import { TOKENS_PATH } from '../support/paths.ts';

test('the scopes of the selected tokens can be kept or narrowed, with scripts and without', async ({
  page,
  workspace,
  console,
  browser,
}) => {
  for (const n of [1, 2, 3]) {
    await workspace.createToken({
      owner: workspace.nonAdmin.user_name,
      comment: `picked ${n}`,
      lifetime_days: 40,
      scopes: ['sql', 'jobs'],
    });
  }
  const list = `${TOKENS_PATH}?q=picked`;
  await openAsAdmin(page, workspace, console, list);
  const selection = page.getByRole('group', { name: 'Selection' });
  await page.getByRole('checkbox', { name: /^Select picked 1/ }).check();
  await page.getByRole('checkbox', { name: /^Select picked 3/ }).check();
  await expect(selection).toContainText('2 selected');
  await selection.getByText('Change scopes').click();
  await selection.getByRole('button', { name: 'Keep current scopes' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Keep the scopes of 2 tokens' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('picked 3');
  await expect(page.getByRole('main')).not.toContainText('picked 2');
  await page.getByText(/^Details: acting as .* CLI, REST and Terraform$/).click();
  await expect(page.getByText('databricks api patch').first()).toBeVisible();
  await checkLayoutAndA11y(page);

  const context = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  const plain = await context.newPage();
  await plain.goto(new URL(list, page.url()).href);
  await plain.getByRole('checkbox', { name: /^Select picked 2/ }).check();
  await plain.getByText('Change scopes').click();
  await plain.getByRole('button', { name: 'Narrow to proposed' }).click();
  await expect(plain.getByText('1 token is left out.')).toBeVisible();
  await context.close();
});

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
