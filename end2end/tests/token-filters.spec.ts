// Filtering, sorting and paging the token list: the URL contains all of it, and typing applies filters.

import type { Page } from '@playwright/test';

import {
  openAsAdmin,
  openSignedIn,
  resultCount,
  searchField,
  statusMessage,
  tokenRow,
} from '../support/console-page.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { axeViolations, horizontalOverflow } from '../support/page-checks.ts';
import { SETTINGS_PATH, TOKENS_PATH } from '../support/paths.ts';

const TOTAL = 160;

function rows(page: Page) {
  return page.getByRole('table').getByRole('row');
}

/** Collects the URLs of the documents that the page loads from now on. */
function recordNavigations(page: Page): string[] {
  const navigations: string[] = [];
  page.on('request', request => request.isNavigationRequest() && navigations.push(request.url()));
  return navigations;
}

test(
  'combined filters are in the URL and survive a reload',
  { tag: ['@F1', '@F2'] },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    await page.getByRole('combobox', { name: 'Status' }).selectOption('active');
    await page.getByRole('combobox', { name: 'Finding' }).selectOption({ index: 1 });
    await expect(page).toHaveURL(/status=active/);
    await expect(page).toHaveURL(/finding=/);
    const text = await resultCount(page).textContent();
    expect(text).toMatch(new RegExp(`^[1-9]\\d* of ${TOTAL} tokens$`));
    const matching = Number(text!.split(' ')[0]);
    await expect(rows(page)).toHaveCount(Math.min(matching, 50) + 1);
    await expect(page.getByRole('cell').getByText('Expired', { exact: true })).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('active');
    await expect(page.getByRole('combobox', { name: 'Finding' })).not.toHaveValue('');
    await expect(resultCount(page)).toHaveText(text!);
  },
);

test('Back and Forward restore typed filters', { tag: '@F1' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  await searchField(page).fill('ci deploys');
  await expect(page).toHaveURL(/q=ci/);
  await expect(tokenRow(page, 'ci deploys').first()).toBeVisible();
  const filtered = await resultCount(page).textContent();
  await tokenRow(page, 'ci deploys').first().getByRole('link', { name: 'ci deploys' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'ci deploys' })).toBeVisible();
  await page.goBack();
  await expect(searchField(page)).toHaveValue('ci deploys');
  await expect(resultCount(page)).toHaveText(filtered!);
  await page.goForward();
  await expect(page.getByRole('heading', { level: 1, name: 'ci deploys' })).toBeVisible();
  await page.goBack();
  await page.reload();
  await expect(searchField(page)).toHaveValue('ci deploys');
  await expect(resultCount(page)).toHaveText(filtered!);
});

test(
  'typing filters the list, shows the number of matches, and loads no document',
  { tag: '@F3' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    const navigations = recordNavigations(page);
    await expect(resultCount(page)).toHaveText(`${TOTAL} tokens`);
    await searchField(page).pressSequentially('airflow');
    await expect(resultCount(page)).toHaveText(/^[1-9]\d* of 160 tokens$/);
    const matching = Number((await resultCount(page).textContent())!.split(' ')[0]);
    await expect(rows(page)).toHaveCount(matching + 1);
    await expect(page.getByRole('table')).toHaveAccessibleName(
      new RegExp(`^${matching} of 160 tokens, newest first\\.`),
    );
    await expect(searchField(page)).toBeFocused();
    await searchField(page).press('ControlOrMeta+A');
    await searchField(page).press('Delete');
    await expect(resultCount(page)).toHaveText(`${TOTAL} tokens`);
    await expect(page).toHaveURL(TOKENS_PATH);
    expect(navigations).toEqual([]);
  },
);

test(
  'typing still filters after a token was revoked in a dialog',
  { tag: '@F3' },
  async ({ page, workspace, console }) => {
    await workspace.createToken({ owner: workspace.otherAdmin.user_name, comment: 'filter: doomed', lifetime_days: 9 });
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    await tokenRow(page, 'filter: doomed').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog', { name: 'Revoke “filter: doomed”' }).getByRole('button', { name: 'Revoke' }).click();
    await expect(statusMessage(page)).toContainText('was revoked.');
    const navigations = recordNavigations(page);
    await searchField(page).fill('ci deploys');
    await expect(resultCount(page)).toHaveText(/^\d+ of 160 tokens$/);
    await expect(tokenRow(page, 'ci deploys').first()).toBeVisible();
    expect(navigations).toEqual([]);
  },
);

test(
  'a list without matches does not look like an empty workspace, and its filters can be cleared',
  { tag: '@F4' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=zzz-nothing&sort=owner`);
    await expect(page.getByRole('heading', { name: 'No tokens match your filters' })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'No tokens yet' })).toHaveCount(0);
    await expect(resultCount(page)).toHaveText(`0 of ${TOTAL} tokens`);
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect(resultCount(page)).toHaveText(`${TOTAL} tokens`);
    await expect(searchField(page)).toHaveValue('');
  },
);

test('an empty workspace says so', { tag: '@F4' }, async ({ page, workspace }) => {
  await workspace.change({ change: 'remove_all_tokens' });
  await openSignedIn(page, workspace, TOKENS_PATH);
  await expect(page.getByRole('heading', { name: 'No tokens yet' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'No tokens match your filters' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: /Active$/ })).toHaveCount(0);
  await page.goto(SETTINGS_PATH);
  await expect(page.getByRole('region', { name: 'Permissions' })).toContainText('This workspace has no tokens yet');
});

test('invalid values in the URL are ignored', { tag: '@F1' }, async ({ page, workspace, console }) => {
  const bad =
    '?status=bogus&finding=%00&sort=nothing&page=-3&created_by_id=1e9&q=&page=99999999999999999999&owner=%F0%9F';
  const response = await openAsAdmin(page, workspace, console, TOKENS_PATH + bad);
  expect(response!.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
  const beyond = await page.goto(`${TOKENS_PATH}?page=4000`);
  expect(beyond!.status()).toBe(200);
  await expect(rows(page).first()).toBeVisible();
});

/** Unfolds the filters that are hidden at first. */
async function openMoreFilters(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More filters' }).click();
  await expect(page.getByLabel('ID starts with')).toBeVisible();
}

function filterChips(page: Page) {
  return page.getByRole('list', { name: 'Filters in use' }).getByRole('link', { name: /^Remove filter: / });
}

test(
  'each filter applies as soon as it is chosen, and the counts next to the choices follow',
  { tag: '@F2' },
  async ({ page, workspace, console }) => {
    for (const [comment, scopes] of [
      ['probe plain', undefined],
      ['probe scoped', ['sql']],
    ] as const) {
      await workspace.createToken({
        owner: workspace.nonAdmin.user_name,
        comment,
        created_days_ago: 40,
        lifetime_days: 60,
        used_days_ago: 20,
        scopes: scopes && [...scopes],
      });
    }
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    const navigations = recordNavigations(page);
    const status = page.getByRole('combobox', { name: 'Status' });
    await searchField(page).fill('probe');
    await expect(resultCount(page)).toHaveText('2 of 162 tokens');
    await expect(status.getByRole('option', { name: 'Active' })).toHaveText('Active (2)');
    await openMoreFilters(page);
    await page.getByRole('combobox', { name: 'Scope' }).selectOption('sql');
    await expect(resultCount(page)).toHaveText('1 of 162 tokens');
    await expect(status.getByRole('option', { name: 'Active' })).toHaveText('Active (1)');
    await page.getByRole('combobox', { name: 'Scope' }).selectOption('');
    await expect(resultCount(page)).toHaveText('2 of 162 tokens');
    await expect(page).not.toHaveURL(/scope=/);
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('Expires to (UTC)').fill(day(10));
    await expect(resultCount(page)).toHaveText('0 of 162 tokens');
    await page.getByLabel('Expires to (UTC)').fill(day(30));
    await page.getByLabel('Last used from (UTC)').fill(day(-25));
    await page.getByLabel('Unused for at least (days)').fill('15');
    await page.getByRole('combobox', { name: 'Owner type' }).selectOption('user');
    await page.getByLabel('ID starts with').fill('zz');
    await expect(resultCount(page)).toHaveText('0 of 162 tokens');
    await page.getByLabel('ID starts with').fill('');
    await expect(resultCount(page)).toHaveText('2 of 162 tokens');
    // With only a further finding checked, a count next to the choices of the first finding would not be the number
    // of tokens that choosing it shows, so the choices have no count.
    const neverExpires = page
      .getByRole('combobox', { name: 'Finding' })
      .getByRole('option', { name: /^Never expires/ });
    await expect(neverExpires).toHaveText('Never expires (0)');
    await page.getByRole('checkbox', { name: /^Never used/ }).check();
    await expect(resultCount(page)).toHaveText('0 of 162 tokens');
    await expect(neverExpires).toHaveText('Never expires');
    await page.getByRole('checkbox', { name: /^Never used/ }).uncheck();
    await expect(neverExpires).toHaveText('Never expires (0)');
    await page.getByRole('checkbox', { name: /^Created on behalf of the owner/ }).check();
    await expect(resultCount(page)).toHaveText('0 of 162 tokens');
    await page.getByRole('checkbox', { name: /^Created on behalf of the owner/ }).uncheck();
    await expect(resultCount(page)).toHaveText('2 of 162 tokens');
    expect(navigations).toEqual([]);
    const parameters = new URL(page.url()).searchParams;
    expect([...parameters.keys()].sort()).toEqual(['expires_to', 'idle', 'owner_kind', 'q', 'used_from']);
    await page.reload();
    await page.getByText('More filters').click();
    await expect(page.getByLabel('Unused for at least (days)')).toHaveValue('15');
    await expect(resultCount(page)).toHaveText('2 of 162 tokens');
  },
);

test(
  'chips show the filters in use, typed ones too, and each chip removes its filter',
  { tag: '@F2' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?status=active&finding=never-expires&sort=owner`);
    await waitForHydration(page);
    await expect(filterChips(page)).toHaveText([/Status: Active/, /Finding: Never expires/]);
    await searchField(page).fill('prod');
    await expect(filterChips(page)).toHaveText([/Search: prod/, /Status: Active/, /Finding: Never expires/]);
    await page.getByRole('link', { name: 'Remove filter: Status: Active' }).click();
    await expect(page).toHaveURL(`${TOKENS_PATH}?q=prod&finding=never-expires&sort=owner`);
    await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect(page).toHaveURL(`${TOKENS_PATH}?sort=owner`);
    await expect(filterChips(page)).toHaveCount(0);
  },
);

test('the export contains what is listed, and says so', { tag: '@F5' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  await page.getByText('Export', { exact: true }).click();
  await expect(page.getByText(`Exports all ${TOTAL} tokens.`)).toBeVisible();
  await searchField(page).fill('airflow');
  await expect(resultCount(page)).toHaveText(/^[1-9]\d* of 160 tokens$/);
  const matching = Number((await resultCount(page).textContent())!.split(' ')[0]);
  await page.getByText('Export', { exact: true }).click();
  await expect(page.getByText(`Exports the ${matching} matching tokens.`)).toBeVisible();
  const href = await page.getByRole('link', { name: 'Export JSON' }).getAttribute('href');
  const file = await page.request.get(href!);
  expect(await file.json()).toHaveLength(matching);
});

test('the owner filter suggests principals, and one that is chosen applies', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  const owner = page.getByRole('combobox', { name: 'Owner', exact: true });
  const { user_name, display_name } = workspace.nonAdmin;
  await owner.pressSequentially(display_name.split(' ')[1]!);
  await expect(page.locator(`#owner-options option[value="${user_name}"]`)).toHaveAttribute('label', display_name);
  await expect(resultCount(page)).toHaveText(`${TOTAL} tokens`);
  // Simulates choosing the option in the browser.
  await owner.fill(user_name);
  await expect(resultCount(page)).toHaveText(/^[1-9]\d* of 160 tokens$/);
  await expect(page).toHaveURL(/owner=/);
});

test('three letters of a name offer the people who have it, and one of them is one click away', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  const owner = page.getByRole('combobox', { name: 'Owner', exact: true });
  await owner.pressSequentially('kow');
  await owner.press('Enter');
  const results = page.locator('#results');
  await expect(results).toContainText('No owner has exactly the name “kow”. Did you mean one of these?');
  await results.getByRole('link', { name: workspace.admin.display_name, exact: true }).press('Enter');
  await expect(page.getByRole('region', { name: 'Owner' })).toContainText(workspace.admin.user_name);
  const remove = page.getByRole('link', { name: `Remove filter: Owner: ${workspace.admin.user_name}` });
  await expect(remove).toBeFocused();
  await remove.press('Enter');
  await expect(owner).toHaveValue('');
  await expect(resultCount(page)).toHaveText(`${TOTAL} tokens`);
});

test('ignored values of the URL are named', { tag: '@F1' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?status=bogus&idle=never&q=airflow`);
  await expect(page.getByText('not valid and were ignored: status, days unused.')).toBeVisible();
  await expect(filterChips(page)).toHaveText([/Search: airflow/]);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });

  test(
    'the filters fit the window and are large enough for a thumb',
    { tag: ['@M1', '@M2'] },
    async ({ page, workspace, console }) => {
      const long = 'long-'.repeat(40);
      await openAsAdmin(
        page,
        workspace,
        console,
        `${TOKENS_PATH}?status=active&idle=1&scope=rare-scope&owner_kind=user&created_by_username=${long}`,
      );
      await page.getByText('Filter (5)').click();
      await page.getByText('More filters').click();
      await expect(page.getByLabel('Unused for at least (days)')).toBeVisible();
      expect(await horizontalOverflow(page)).toEqual([]);
      expect(await axeViolations(page)).toEqual([]);
      const targets = page
        .getByRole('search')
        .getByRole('combobox')
        .or(page.getByRole('search').getByRole('textbox'))
        .or(filterChips(page))
        .or(page.getByRole('search').locator('label:has(input[type=checkbox])'));
      const heights = await targets.evaluateAll(all =>
        all.filter(target => target.checkVisibility()).map(target => target.getBoundingClientRect().height),
      );
      expect(heights.length).toBeGreaterThan(15);
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(43.9);
      await page.goto(TOKENS_PATH);
      await expect(page.getByLabel('Unused for at least (days)'), 'folded').toBeHidden();
      await page.getByText('More', { exact: true }).click();
      await page.getByText('Export', { exact: true }).click();
      await expect(page.getByRole('link', { name: 'Export CSV' })).toBeVisible();
      expect(await horizontalOverflow(page)).toEqual([]);
    },
  );
});

test(
  'column headings sort, exactly one of them says so, and filters are kept',
  { tag: '@T2' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?status=active`);
    const sorted = () =>
      page
        .getByRole('columnheader')
        .evaluateAll(all => all.filter(heading => heading.ariaSort).map(heading => heading.textContent));
    expect(await sorted()).toEqual([expect.stringContaining('Created')]);
    const lastUsed = page.getByRole('columnheader', { name: 'Last used' });
    for (const [direction, sign] of [
      ['ascending', 1],
      ['descending', -1],
    ] as const) {
      await lastUsed.getByRole('link').click();
      await expect(lastUsed).toHaveAttribute('aria-sort', direction);
      expect(await sorted()).toEqual([expect.stringContaining('Last used')]);
      await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('active');
      // The second line of a cell is the day. Tokens that were never used have none, and come last.
      const cells = rows(page).locator('td[data-label="Last used"]');
      const texts = await cells.evaluateAll(all => all.map(cell => cell.textContent!.trim().split('\n')[1]));
      const days = texts.filter(day => day).map(day => new Date(`${day} UTC`).toISOString().slice(0, 10));
      expect(days.length).toBeGreaterThan(5);
      expect(new Set(days).size).toBeGreaterThan(1);
      expect(days).toEqual([...days].sort((a, b) => sign * a.localeCompare(b)));
    }
  },
);

test(
  'pages of 50 lead through all tokens and back, and keep the order',
  { tag: '@F1' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?sort=owner`);
    const pages = page.getByRole('navigation', { name: 'Pages' });
    await expect(pages).toContainText('Page 1 of 4');
    await expect(pages.getByRole('link', { name: 'Previous' })).toHaveCount(0);
    const links = () =>
      page
        .getByRole('rowheader')
        .getByRole('link')
        .evaluateAll(all => all.map(link => (link as HTMLAnchorElement).href));
    const visited = new Set(await links());
    for (const number of [2, 3, 4]) {
      await pages.getByRole('link', { name: 'Next' }).click();
      await expect(pages).toContainText(`Page ${number} of 4`);
      for (const link of await links()) visited.add(link);
    }
    expect(visited.size).toBe(TOTAL);
    await expect(pages.getByRole('link', { name: 'Next' })).toHaveCount(0);
    await expect(page.getByRole('columnheader', { name: 'Owner' })).toHaveAttribute('aria-sort', 'ascending');
    await pages.getByRole('link', { name: 'Previous' }).click();
    await expect(pages).toContainText('Page 3 of 4');
    await page.reload();
    await expect(pages).toContainText('Page 3 of 4');
  },
);
