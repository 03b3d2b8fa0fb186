// The page about the scopes of all tokens, and the filters of the lists that it links to.

import { openAsAdmin } from '../support/console-page.ts';
import { expect, test } from '../support/fixtures.ts';
import { horizontalOverflow } from '../support/page-checks.ts';
import { SCOPES_PATH, TOKENS_PATH } from '../support/paths.ts';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('a section leads to its tokens, and the filter is part of the list', async ({ page, workspace, console }) => {
      for (const days of [25, 26, 10]) {
        await workspace.createToken({
          owner: workspace.otherAdmin.user_name,
          comment: `observed for ${days} days`,
          created_days_ago: days,
          lifetime_days: 300,
          used_days_ago: 0,
          scopes: ['all-apis'],
          autoscope: 'AUTOSCOPE_STATE_RUNNING',
          inferred_scopes: ['sql'],
        });
      }
      await openAsAdmin(page, workspace, console, SCOPES_PATH);
      const section = page.getByRole('region', { name: 'Narrows soon' });
      await page
        .getByRole('navigation', { name: 'On this page' })
        .getByRole('link', { name: /^Narrows soon/ })
        .click();
      await expect(section.getByRole('heading', { name: 'Narrows soon' })).toBeInViewport();
      const row = section.getByRole('row', { name: /observed for 26 days/ });
      await expect(row).toContainText('sql');
      await expect(row).toContainText('all-apis');
      await expect(row).toContainText('in 4 days');

      const review = section.getByRole('link', { name: /^Review .* Within about 7 days$/ });
      const count = (await review.textContent())!.match(/\d+/)![0];
      await review.click();
      await expect(page).toHaveURL(new RegExp(`${TOKENS_PATH}\\?narrows_within=7$`));
      await expect(page.getByRole('status').filter({ hasText: /tokens$/ })).toContainText(`${count} of`);
      await page.getByText('More filters').click();
      await expect(page.getByRole('combobox', { name: 'Narrows within' })).toHaveValue('7');
      await expect(page.getByRole('link', { name: 'Remove filter: Narrows: Within about 7 days' })).toBeVisible();
      await expect(page.getByRole('row', { name: /observed for 10 days/ })).toHaveCount(0);
    });
  });
}

test(
  'on a phone nothing scrolls sideways, and rows are cards',
  { tag: '@M1' },
  async ({ page, workspace, console }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await openAsAdmin(page, workspace, console, SCOPES_PATH);
    expect(await horizontalOverflow(page)).toEqual([]);
    const table = page.getByRole('table', { name: /^What each keeps and loses/ }).first();
    await expect(table.getByRole('row').nth(1)).toBeVisible();
    await expect(page.getByRole('link', { name: /^Review .* Within about 30 days$/ })).toBeVisible();
  },
);
