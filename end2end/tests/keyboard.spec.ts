// The keyboard shortcuts, and using the list by keyboard.

import { openAsAdmin, statusMessage } from '../support/console-page.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { axeViolations } from '../support/page-checks.ts';
import { TOKENS_PATH } from '../support/paths.ts';

test('shortcuts move through the list, select, revoke, search and export', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  const links = page.getByRole('rowheader').getByRole('link');
  const boxes = page.getByRole('row').getByRole('checkbox', { name: /^Select (?!all)/ });
  await page.keyboard.press('j');
  await expect(links.nth(0)).toBeFocused();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(boxes.nth(1)).toBeChecked();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Shift+X');
  await expect(page.getByRole('group', { name: 'Selection' })).toContainText('3 selected');
  await expect(boxes.nth(3)).toBeChecked();
  await page.keyboard.press('k');
  await expect(links.nth(2)).toBeFocused();
  await page.keyboard.press('r');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: /^Revoke/ })).toBeVisible();
  // Shortcuts are ignored in a dialog.
  await page.keyboard.press('j');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.keyboard.press('e');
  await expect(page.getByRole('link', { name: 'Export CSV' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: 'Export CSV' })).toBeHidden();
  await page.keyboard.press('/');
  const search = page.getByRole('searchbox', { name: 'Search tokens, people and IDs' });
  await expect(search).toBeFocused();
  // In a field, the keys type text.
  await page.keyboard.type('jx?');
  await expect(search).toHaveValue('jx?');
});

test('the list of shortcuts opens with a key, and they can be turned off', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(dialog.getByRole('button', { name: 'Close' })).toBeFocused();
  expect(await axeViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
  // The focus returns to its previous element, and not to the button that opened an earlier dialog.
  const third = page.getByRole('rowheader').getByRole('link').nth(2);
  for (let n = 0; n < 3; n++) await page.keyboard.press('j');
  await expect(third).toBeFocused();
  await page.keyboard.press('?');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(third).toBeFocused();
  await page.keyboard.press('?');
  await dialog.getByRole('button', { name: 'Disable shortcuts' }).click();
  await expect(page).toHaveURL(new RegExp(`${TOKENS_PATH}$`));
  await waitForHydration(page);
  await page.keyboard.press('j');
  await page.keyboard.press('?');
  await expect(page.getByRole('rowheader').getByRole('link').first()).not.toBeFocused();
  await expect(dialog).toBeHidden();
  await page.goto('/keyboard-shortcuts');
  await expect(page.getByText('The shortcuts are disabled.')).toBeVisible();
  expect(await axeViolations(page)).toEqual([]);
});

test('a late response does not replace the list that was asked for later', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  const filtered = page.waitForResponse(response => response.url().includes('q=airflow'));
  await page.route(/sort=owner/, async route => {
    await filtered;
    await route.continue();
  });
  const sorted = page.waitForResponse(response => response.url().includes('sort=owner'));
  await page.getByRole('columnheader', { name: 'Owner' }).getByRole('link').click();
  // Nothing can be selected in a list that is about to be replaced.
  await expect(page.locator('#results')).toHaveAttribute('inert');
  await page.getByRole('searchbox', { name: 'Search by comment, owner or ID' }).fill('airflow');
  await (await sorted).finished();
  await expect(page).toHaveURL(/q=airflow/);
  await expect(page).not.toHaveURL(/sort=owner/);
  await expect(page.locator('#results')).not.toHaveAttribute('inert');
  await expect(page.getByRole('columnheader', { name: 'Owner' })).not.toHaveAttribute('aria-sort', /./);
});

test('sorting and paging keep focus, scroll position and history', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  const owner = page.getByRole('columnheader', { name: 'Owner' });
  await owner.getByRole('link').focus();
  await page.keyboard.press('Enter');
  await expect(owner).toHaveAttribute('aria-sort', 'ascending');
  await expect(owner.getByRole('link')).toBeFocused();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Next' }).click();
  await expect(page.getByText('Page 2 of 4')).toBeVisible();
  await expect(page.locator('#results')).toBeFocused();
  const status = page.getByRole('combobox', { name: 'Status' });
  await status.focus();
  await status.selectOption({ value: 'expired' });
  await expect(page).toHaveURL(/status=expired/);
  await expect(status).toBeFocused();
  await page.goBack();
  await expect(page.getByText('Page 2 of 4')).toBeVisible();
  await expect(status).toHaveValue('');
  await page.goBack();
  await expect(page.getByText('Page 1 of 4')).toBeVisible();
  await expect(owner).toHaveAttribute('aria-sort', 'ascending');
  await page.goBack();
  await expect(owner).not.toHaveAttribute('aria-sort', /./);
});

test('counters, weeks and active filters keep focus, scroll position and history', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  const counts = page.getByRole('navigation', { name: 'Counts' });
  const active = counts.getByRole('link', { name: 'Active' });
  await active.press('Enter');
  await expect(page).toHaveURL(/status=active/);
  await expect(active).toHaveAttribute('aria-current', 'true');
  await expect(active).toBeFocused();
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('active');

  const search = page.getByRole('searchbox', { name: 'Search by comment, owner or ID' });
  await search.fill('airflow');
  await expect(page).toHaveURL(/q=airflow/);
  const chips = page.getByRole('list', { name: 'Filters in use' });
  await expect(chips.getByRole('listitem')).toHaveCount(3);
  await chips.getByRole('link', { name: 'Remove filter: Status' }).press('Enter');
  await expect(page).not.toHaveURL(/status=/);
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
  // What took the place of the removed filter.
  await expect(chips.getByRole('link', { name: 'Clear filters' })).toBeFocused();
  await search.fill('no token has this');
  await expect(page.getByRole('heading', { name: 'No tokens match your filters' })).toBeVisible();
  await page.locator('#results').getByRole('link', { name: 'Clear filters' }).press('Enter');
  await expect(search).toHaveValue('');
  await expect(page.locator('#results')).toBeFocused();

  const week = page.getByRole('group', { name: 'Expiring per week, each a filter' }).getByRole('link').nth(2);
  await week.press('Enter');
  await expect(page).toHaveURL(/expires=/);
  await expect(week).toBeFocused();

  await page.goBack();
  await expect(page).not.toHaveURL(/expires=/);
  await page.goBack();
  await expect(search).toHaveValue('no token has this');
  await page.goBack();
  await expect(search).toHaveValue('airflow');
  await page.goBack();
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('active');
  await page.goBack();
  await expect(search).toHaveValue('');
  await page.goBack();
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
});

test('opening a counter clears the selection and says so', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByRole('navigation', { name: 'Counts' }).getByRole('link', { name: 'Active' }).click();
  await expect(statusMessage(page)).toHaveText('Selection cleared because the filters changed.');
  await expect(page.getByRole('button', { name: 'Review selected' })).toBeHidden();
});

test('a key moves to the selection bar, and the reason for a cleared selection is shown for a while', async ({
  page,
  workspace,
  console,
}) => {
  await page.clock.install();
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  await page.keyboard.press('j');
  await page.keyboard.press('s');
  await expect(page.getByRole('rowheader').getByRole('link').first()).toBeFocused();
  await page.keyboard.press('x');
  await page.keyboard.press('s');
  await expect(page.getByRole('button', { name: 'Review selected' })).toBeFocused();
  await page.getByRole('combobox', { name: 'Status' }).selectOption('active');
  await expect(statusMessage(page)).toHaveText('Selection cleared because the filters changed.');
  await page.clock.fastForward(11_000);
  await expect(statusMessage(page)).toBeEmpty();
});
