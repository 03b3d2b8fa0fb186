// The printed token list: a plain table, as on a large screen, whatever the paper width.

import { openAsAdmin } from '../support/console-page.ts';
import { expect, test } from '../support/fixtures.ts';
import { horizontalOverflow } from '../support/page-checks.ts';
import { TOKENS_PATH } from '../support/paths.ts';

/** The width of a sheet of A4 at 96 dpi without its margins, upright and across. */
const WIDTHS = [718, 1046];

const COLUMNS = ['Token', 'Owner', 'Created', 'Expires', 'Last used', 'Findings'];

test('the token list is a plain table with a line that says what it shows', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?status=active`);
  const line = page.getByText('Export as CSV for all.');
  await expect(line).toBeHidden();
  const matching = (await page.locator('#result-count').textContent())!.split(' ')[0]!;
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 1046 });
    await expect(line).toHaveText(/^acme-prod · Status: Active · \d+ \w+ \d{4}, [\d:]+ UTC · Rows 1 to 50 of /);
    await expect(line).toContainText(` of ${matching}. Export as CSV for all.`);
    await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
    await expect(page.getByRole('columnheader').filter({ visible: true })).toHaveText(COLUMNS);
    const row = page.getByRole('row').nth(1);
    await expect(row).toHaveCSS('display', 'table-row');
    await expect(row.getByRole('cell').filter({ visible: true })).toHaveCount(COLUMNS.length - 1);
    for (const cell of await row.locator('th, td').filter({ visible: true }).all()) {
      await expect(cell).toHaveCSS('color', 'rgb(0, 0, 0)');
      await expect(cell).toHaveCSS('background-color', 'rgba(0, 0, 0, 0)');
    }
    const others = '.bar, .band, .filters, .active-filters, .pager, .selection-bar, button, input, select, .btn';
    expect(await page.locator(others).filter({ visible: true }).count()).toBe(0);
    expect(await horizontalOverflow(page)).toEqual([]);
  }
});

test('a list of one page says nothing about an export', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=laptop`);
  await page.emulateMedia({ media: 'print' });
  const rows = await page.getByRole('rowheader').count();
  await expect(page.locator('#results > p')).toHaveText(new RegExp(`· Rows 1 to ${rows} of ${rows}\\.$`));
});
