// The filters, the order and the pages of the list: they are its address, and typing applies them. The rules F1 to F4 and T2 are those of the titles.

import { type Page, type Route } from '@playwright/test';

import { openAsAdmin, openSignedIn, said, tokenRow } from '../support/console-page.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { sidewaysScroll, violations } from '../support/page-checks.ts';
import { expect, hydrated, test } from '../support/fixtures.ts';

const TOTAL = 160;

function search(page: Page) {
  return page.getByRole('searchbox', { name: 'Search by comment or ID' });
}

/** What is told of the number of tokens that pass. */
function count(page: Page) {
  return page.getByRole('status').filter({ hasText: /tokens?$/ });
}

function rows(page: Page) {
  return page.getByRole('table').getByRole('row');
}

/** Notes it when the page goes somewhere by loading a document. */
function documents(page: Page): string[] {
  const loaded: string[] = [];
  page.on('request', request => request.isNavigationRequest() && loaded.push(request.url()));
  return loaded;
}

test('F1 F2: several filters at once, by form, live in the address and survive reload', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, console.tokensPath);
  await hydrated(page);
  await page.getByRole('combobox', { name: 'Status' }).selectOption('active');
  await page.getByRole('combobox', { name: 'Finding' }).selectOption({ index: 1 });
  await expect(page).toHaveURL(/status=active/);
  await expect(page).toHaveURL(/finding=/);
  const told = await count(page).textContent();
  expect(told).toMatch(new RegExp(`^[1-9]\\d* of ${TOTAL} tokens$`));
  const many = Number(told!.split(' ')[0]);
  await expect(rows(page)).toHaveCount(Math.min(many, 50) + 1);
  await expect(page.getByRole('cell').getByText('Expired', { exact: true })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('active');
  await expect(page.getByRole('combobox', { name: 'Finding' })).not.toHaveValue('');
  await expect(count(page)).toHaveText(told!);
});

test('F1: Back and Forward bring typed filters back', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, console.tokensPath);
  await hydrated(page);
  await search(page).fill('ci deploys');
  await expect(page).toHaveURL(/q=ci/);
  await expect(tokenRow(page, 'ci deploys').first()).toBeVisible();
  const filtered = await count(page).textContent();
  await tokenRow(page, 'ci deploys').first().getByRole('link', { name: 'ci deploys' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'ci deploys' })).toBeVisible();
  await page.goBack();
  await expect(search(page)).toHaveValue('ci deploys');
  await expect(count(page)).toHaveText(filtered!);
  await page.goForward();
  await expect(page.getByRole('heading', { level: 1, name: 'ci deploys' })).toBeVisible();
  await page.goBack();
  await page.reload();
  await expect(search(page)).toHaveValue('ci deploys');
  await expect(count(page)).toHaveText(filtered!);
});

test('F3: typing applies by itself, says how many pass, and loads no document', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, console.tokensPath);
  await hydrated(page);
  const loaded = documents(page);
  await expect(count(page)).toHaveText(`${TOTAL} tokens`);
  await search(page).pressSequentially('airflow');
  await expect(count(page)).toHaveText(/^[1-9]\d* of 160 tokens$/);
  const passing = Number((await count(page).textContent())!.split(' ')[0]);
  await expect(rows(page)).toHaveCount(passing + 1);
  await expect(page.getByRole('table')).toHaveAccessibleName(new RegExp(`^${passing} of 160 tokens, newest first\\.`));
  await expect(search(page)).toBeFocused();
  await search(page).press('ControlOrMeta+A');
  await search(page).press('Delete');
  await expect(count(page)).toHaveText(`${TOTAL} tokens`);
  await expect(page).toHaveURL(console.tokensPath);
  expect(loaded).toEqual([]);
});

test('F3: typing goes on to work after a revocation in place', async ({ page, workspace, console }) => {
  await workspace.createToken({ owner: workspace.otherAdmin.user_name, comment: 'filter: doomed', lifetime_days: 9 });
  await openAsAdmin(page, workspace, console, console.tokensPath);
  await hydrated(page);
  await tokenRow(page, 'filter: doomed').getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog', { name: 'Revoke “filter: doomed”' }).getByRole('button', { name: 'Revoke' }).click();
  await expect(said(page)).toContainText('was revoked.');
  const loaded = documents(page);
  await search(page).fill('ci deploys');
  await expect(count(page)).toHaveText(/^\d+ of 160 tokens$/);
  await expect(tokenRow(page, 'ci deploys').first()).toBeVisible();
  expect(loaded).toEqual([]);
});

test('F4: no match is not an empty workspace, and filters can be cleared', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${console.tokensPath}?q=zzz-nothing&sort=owner`);
  await expect(page.getByRole('heading', { name: 'No tokens match your filters' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'No tokens yet' })).toHaveCount(0);
  await expect(count(page)).toHaveText(`0 of ${TOTAL} tokens`);
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(count(page)).toHaveText(`${TOTAL} tokens`);
  await expect(search(page)).toHaveValue('');
});

test('F4: an empty workspace says so', async ({ page, workspace, console }) => {
  await workspace.change({ change: 'remove_all_tokens' });
  await openSignedIn(page, workspace, console.tokensPath);
  await expect(page.getByRole('heading', { name: 'No tokens yet' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'No tokens match your filters' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Total' })).toContainText('0');
  await page.goto('/w/acme-prod/settings/advanced');
  await expect(page.getByRole('region', { name: 'Permissions' })).toContainText('This workspace has no tokens yet');
});

test('F1: values that make no sense are dropped', async ({ page, workspace, console }) => {
  const bad =
    '?status=bogus&finding=%00&sort=nothing&page=-3&created_by_id=1e9&q=&page=99999999999999999999&owner=%F0%9F';
  const response = await openAsAdmin(page, workspace, console, console.tokensPath + bad);
  expect(response!.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
  const beyond = await page.goto(`${console.tokensPath}?page=4000`);
  expect(beyond!.status()).toBe(200);
  await expect(rows(page).first()).toBeVisible();
});

/** The folded filters, opened. */
async function openMore(page: Page): Promise<void> {
  await page.getByText('More filters').click();
  await expect(page.getByLabel('ID starts with')).toBeVisible();
}

function chips(page: Page) {
  return page.getByRole('list', { name: 'Filters in use' }).getByRole('link', { name: /^Remove filter: / });
}

test('F2: every filter takes effect while one chooses it, and the counts beside the choices follow', async ({
  page,
  workspace,
  console,
}) => {
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
  await openAsAdmin(page, workspace, console, console.tokensPath);
  await hydrated(page);
  const loaded = documents(page);
  const status = page.getByRole('combobox', { name: 'Status' });
  await search(page).fill('probe');
  await expect(count(page)).toHaveText('2 of 162 tokens');
  await expect(status.getByRole('option', { name: 'Active' })).toHaveText('Active (2)');
  await openMore(page);
  await page.getByRole('combobox', { name: 'Scope' }).selectOption('sql');
  await expect(count(page)).toHaveText('1 of 162 tokens');
  await expect(status.getByRole('option', { name: 'Active' })).toHaveText('Active (1)');
  await page.getByRole('combobox', { name: 'Scope' }).selectOption('');
  await expect(count(page)).toHaveText('2 of 162 tokens');
  await expect(page).not.toHaveURL(/scope=/);
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Expires to (UTC)').fill(day(10));
  await expect(count(page)).toHaveText('0 of 162 tokens');
  await page.getByLabel('Expires to (UTC)').fill(day(30));
  await page.getByLabel('Last used from (UTC)').fill(day(-25));
  await page.getByLabel('Unused for at least (days)').fill('15');
  await page.getByRole('combobox', { name: 'Owner type' }).selectOption('user');
  await page.getByLabel('ID starts with').fill('zz');
  await expect(count(page)).toHaveText('0 of 162 tokens');
  await page.getByLabel('ID starts with').fill('');
  await expect(count(page)).toHaveText('2 of 162 tokens');
  // With no first mark, what would be counted beside the first marks is not what they would show: no number.
  const neverExpires = page.getByRole('combobox', { name: 'Finding' }).getByRole('option', { name: /^Never expires/ });
  await expect(neverExpires).toHaveText('Never expires (0)');
  await page.getByRole('checkbox', { name: /^Never used/ }).check();
  await expect(count(page)).toHaveText('0 of 162 tokens');
  await expect(neverExpires).toHaveText('Never expires');
  await page.getByRole('checkbox', { name: /^Never used/ }).uncheck();
  await expect(neverExpires).toHaveText('Never expires (0)');
  await page.getByRole('checkbox', { name: /^Created on behalf of the owner/ }).check();
  await expect(count(page)).toHaveText('0 of 162 tokens');
  await page.getByRole('checkbox', { name: /^Created on behalf of the owner/ }).uncheck();
  await expect(count(page)).toHaveText('2 of 162 tokens');
  expect(loaded).toEqual([]);
  const address = new URL(page.url()).searchParams;
  expect([...address.keys()].sort()).toEqual(['expires_to', 'idle', 'owner_kind', 'q', 'used_from']);
  await page.reload();
  await expect(page.getByLabel('Unused for at least (days)'), 'unfolded, since in use').toBeVisible();
  await expect(count(page)).toHaveText('2 of 162 tokens');
});

test('F2: chips tell the filters in use, also of those just typed, and each removes its own', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, `${console.tokensPath}?status=active&finding=never-expires&sort=owner`);
  await hydrated(page);
  await expect(chips(page)).toHaveText([/Status: Active/, /Finding: Never expires/]);
  await search(page).fill('prod');
  await expect(chips(page)).toHaveText([/Search: prod/, /Status: Active/, /Finding: Never expires/]);
  await page.getByRole('link', { name: 'Remove filter: Status: Active' }).click();
  await expect(page).toHaveURL(`${console.tokensPath}?q=prod&finding=never-expires&sort=owner`);
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveValue('');
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(page).toHaveURL(`${console.tokensPath}?sort=owner`);
  await expect(chips(page)).toHaveCount(0);
});

test('F5: the export is of what is listed, and says so', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, console.tokensPath);
  await hydrated(page);
  await expect(page.getByText(`Exports all ${TOTAL} tokens.`)).toBeVisible();
  await search(page).fill('airflow');
  await expect(count(page)).toHaveText(/^[1-9]\d* of 160 tokens$/);
  const passing = Number((await count(page).textContent())!.split(' ')[0]);
  await expect(page.getByText(`Exports the ${passing} matching tokens.`)).toBeVisible();
  const href = await page.getByRole('link', { name: 'Export JSON' }).getAttribute('href');
  const file = await page.request.get(href!);
  expect(await file.json()).toHaveLength(passing);
});

test('F1: what makes no sense in an address is named', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${console.tokensPath}?status=bogus&idle=never&q=airflow`);
  await expect(page.getByText('not valid and were ignored: status, days unused.')).toBeVisible();
  await expect(chips(page)).toHaveText([/Search: airflow/]);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });

  test('M1 M2: the filters fit, and are hit by a thumb', async ({ page, workspace, console }) => {
    const long = 'long-'.repeat(40);
    await openAsAdmin(
      page,
      workspace,
      console,
      `${console.tokensPath}?status=active&idle=1&scope=rare-scope&owner_kind=user&created_by_username=${long}`,
    );
    await expect(page.getByLabel('Unused for at least (days)')).toBeVisible();
    expect(await sidewaysScroll(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    const targets = page
      .getByRole('search')
      .getByRole('combobox')
      .or(page.getByRole('search').getByRole('textbox'))
      .or(chips(page))
      .or(page.getByRole('search').locator('label:has(input[type=checkbox])'));
    const heights = await targets.evaluateAll(all =>
      all.filter(target => target.checkVisibility()).map(target => target.getBoundingClientRect().height),
    );
    expect(heights.length).toBeGreaterThan(15);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(43.9);
    await page.goto(console.tokensPath);
    await expect(page.getByLabel('Unused for at least (days)'), 'folded').toBeHidden();
    await page.getByRole('link', { name: 'Export CSV' }).scrollIntoViewIfNeeded();
    expect(await sidewaysScroll(page)).toEqual([]);
  });
});

test.describe('before the page is alive', () => {
  /** Opens the list and holds its WebAssembly back until told. */
  async function openHeld(
    page: Page,
    workspace: DemoWorkspace,
    console: Parameters<typeof openAsAdmin>[2],
  ): Promise<() => Promise<void>> {
    let held: Route | undefined;
    let ask: () => void;
    const asked = new Promise<void>(resolve => (ask = resolve));
    await page.route('**/*.wasm', route => {
      held = route;
      ask();
    });
    await openAsAdmin(page, workspace, console, '/w/acme-prod/find');
    await page.goto(console.tokensPath, { waitUntil: 'commit' });
    return async () => {
      await asked;
      await held!.continue();
    };
  }

  test('A2: what is typed too early takes effect and is not lost', async ({ page, workspace, console }) => {
    const release = await openHeld(page, workspace, console);
    await search(page).pressSequentially('ci deploys');
    await expect(count(page)).toHaveText(`${TOTAL} tokens`);
    await release();
    await expect(count(page)).toHaveText(/^\d+ of 160 tokens$/);
    await expect(search(page)).toHaveValue('ci deploys');
    await expect(page).toHaveURL(/q=ci/);
  });

  test('A2: Enter works at once, as a plain form', async ({ page, workspace, console }) => {
    await openHeld(page, workspace, console);
    await search(page).fill('ci deploys');
    await search(page).press('Enter');
    await expect(count(page)).toHaveText(/^\d+ of 160 tokens$/);
    await expect(page).toHaveURL(/q=ci/);
  });

  test('A2: typing right after the navigation, with nothing held back', async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, '/w/acme-prod/find');
    await page.goto(console.tokensPath, { waitUntil: 'commit' });
    await search(page).pressSequentially('ci deploys');
    await expect(count(page)).toHaveText(/^\d+ of 160 tokens$/);
    await expect(tokenRow(page, 'ci deploys').first()).toBeVisible();
    await expect(search(page)).toHaveValue('ci deploys');
  });
});

test('A7: a token value pasted into the search stays in the browser', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, console.tokensPath);
  await hydrated(page);
  const sent: string[] = [];
  page.on('request', request => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  const value = workspace.nonAdmin.pat;
  await search(page).fill(value);
  await expect(page.getByText('This looks like a token value, so it was not sent.')).toBeVisible();
  await search(page).press('Enter');
  await search(page).fill('');
  await search(page).fill('ci deploys');
  await expect(count(page)).toHaveText(/^\d+ of 160 tokens$/);
  await expect(page.getByText('This looks like a token value, so it was not sent.')).toBeHidden();
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.filter(request => request.includes(value.slice(4)))).toEqual([]);
  await page.getByRole('link', { name: 'Find a leaked token' }).click();
  await page.getByLabel('Leaked value').fill(value);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByRole('heading', { level: 1, name: "VS Code on Kai's laptop" })).toBeVisible();
  expect(sent.filter(request => request.includes(value.slice(4)))).toEqual([]);
});

test('T2: headings sort, exactly one says so, and filters stay', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${console.tokensPath}?status=active`);
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
    // A row's times: created, expires where it does, last used where it was.
    const used = rows(page)
      .filter({ hasNotText: 'Never used' })
      .filter({ has: page.getByRole('cell') });
    const days = await used.evaluateAll(all => all.map(row => [...row.querySelectorAll('time')].at(-1)!.dateTime));
    expect(days.length).toBeGreaterThan(5);
    expect(new Set(days).size).toBeGreaterThan(1);
    expect(days).toEqual([...days].sort((a, b) => sign * a.localeCompare(b)));
  }
});

test('F1: pages of 50 lead on and back, with filters and order kept', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${console.tokensPath}?sort=owner`);
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await expect(pages).toContainText('Page 1 of 4');
  await expect(pages.getByRole('link', { name: 'Previous' })).toHaveCount(0);
  const links = () =>
    page
      .getByRole('rowheader')
      .getByRole('link')
      .evaluateAll(all => all.map(link => (link as HTMLAnchorElement).href));
  const seen = new Set(await links());
  for (const number of [2, 3, 4]) {
    await pages.getByRole('link', { name: 'Next' }).click();
    await expect(pages).toContainText(`Page ${number} of 4`);
    for (const link of await links()) seen.add(link);
  }
  expect(seen.size).toBe(TOTAL);
  await expect(pages.getByRole('link', { name: 'Next' })).toHaveCount(0);
  await expect(page.getByRole('columnheader', { name: 'Owner' })).toHaveAttribute('aria-sort', 'ascending');
  await pages.getByRole('link', { name: 'Previous' }).click();
  await expect(pages).toContainText('Page 3 of 4');
  await page.reload();
  await expect(pages).toContainText('Page 3 of 4');
});
