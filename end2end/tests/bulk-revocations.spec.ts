// Picking tokens across pages and revoking them by a job: T9, T10, D11, B1 to B4 of the rules in the titles.

import type { Page } from '@playwright/test';

import { TOKENS_API, calls, openAsAdmin, said, signIn, tokenRow } from '../support/console-page.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { expect, hydrated, test } from '../support/fixtures.ts';

const DOOMED = '?q=doomed';

/** Makes tokens named "doomed 1" and so on. */
async function doom(workspace: DemoWorkspace, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 1; n <= count; n++) {
    const made = await workspace.createToken({
      owner: workspace.nonAdmin.user_name,
      comment: `doomed ${n}`,
      lifetime_days: 30,
      used_days_ago: n,
    });
    ids.push(made.token_id);
  }
  return ids;
}

function selection(page: Page) {
  return page.getByRole('group', { name: 'Selection' });
}

function box(page: Page, comment: string) {
  return tokenRow(page, comment).getByRole('checkbox');
}

/** Starts what is reviewed. */
async function start(page: Page, count: number): Promise<void> {
  await page.getByRole('textbox', { name: /^Type \d+ to confirm$/ }).fill(String(count));
  await page.getByRole('button', { name: `Revoke ${count} tokens` }).click();
}

test('T9 T10: rows, a page, or all that match are picked, counted, kept over pages and order, and cleared', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, `${console.tokensPath}?sort=owner`);
  await hydrated(page);
  const above = page.getByRole('checkbox', { name: 'Select all on this page' });
  const boxes = page.getByRole('row').getByRole('checkbox', { name: /^Select (?!all)/ });
  await expect(boxes).toHaveCount(50);
  await boxes.nth(2).check();
  await boxes.nth(5).check();
  await expect(selection(page)).toContainText('2 selected');
  await expect(above).toHaveJSProperty('indeterminate', true);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Next' }).click();
  await hydrated(page);
  await expect(selection(page)).toContainText('2 selected');
  await above.check();
  await expect(selection(page)).toContainText('52 selected');
  // The count is the same on each of these pages: which one is shown is told by its order.
  const orderedBy = (name: string) =>
    expect(page.getByRole('columnheader', { name })).toHaveAttribute('aria-sort', /./);
  await page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click();
  await orderedBy('Created');
  await expect(selection(page)).toContainText('52 selected');
  await page.goBack();
  await orderedBy('Owner');
  await hydrated(page);
  await expect(selection(page)).toContainText('52 selected');
  await page.reload();
  await expect(selection(page)).toContainText('52 selected');
  await selection(page).getByRole('button', { name: 'Select all 160' }).click();
  await expect(selection(page)).toContainText('160 selected');
  await expect(boxes.first()).toBeChecked();
  await selection(page).getByRole('link', { name: 'Clear selection' }).click();
  await expect(selection(page)).toContainText('0 selected');
  await expect(boxes.first()).not.toBeChecked();
});

test('T10: typing another filter clears the selection', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, console.tokensPath);
  await hydrated(page);
  await page
    .getByRole('row')
    .getByRole('checkbox', { name: /^Select (?!all)/ })
    .nth(3)
    .check();
  await expect(selection(page)).toContainText('1 selected');
  await page.getByRole('searchbox', { name: 'Search by comment or ID' }).fill('ci deploys');
  await expect(page.getByRole('status').filter({ hasText: /^\d+ of 160 tokens$/ })).toHaveCount(1);
  await expect(selection(page)).toContainText('0 selected');
  await expect(page).not.toHaveURL(/sel=/);
});

test('D11 B1: a review with the count typed, a job with live progress, everything read back', async ({
  page,
  workspace,
  console,
}) => {
  const ids = await doom(workspace, 12);
  await openAsAdmin(page, workspace, console, console.tokensPath + DOOMED);
  await hydrated(page);
  await selection(page).getByRole('button', { name: 'Select this page' }).click();
  await expect(selection(page)).toContainText('12 selected');
  await selection(page).getByRole('button', { name: 'Review selected' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Revoke 12 tokens' })).toBeVisible();
  await expect(page.getByText('7 were used in the last 7 days.')).toBeVisible();
  await expect(page.getByRole('table', { name: /^Service principals first/ }).getByRole('row')).toHaveCount(2);
  const confirm = page.getByRole('button', { name: 'Revoke 12 tokens' });
  await expect(confirm).toBeDisabled();
  await page.getByRole('textbox', { name: 'Type 12 to confirm' }).fill('11');
  await expect(confirm).toBeDisabled();
  expect(await calls(workspace, 'DELETE', TOKENS_API)).toEqual([]);
  await workspace.fault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 900 });
  await start(page, 12);
  const bar = page.getByRole('progressbar', { name: 'Tokens processed' });
  await expect(bar).toBeVisible();
  await hydrated(page);
  await expect(page.getByText(/per second, about/)).toBeVisible();
  await expect(said(page)).toContainText('All 12 tokens were revoked (confirmed).');
  await expect(page.getByRole('table', { name: 'Tokens' }).getByText('Revoked', { exact: true })).toHaveCount(12);
  const revoked = (await calls(workspace, 'DELETE', TOKENS_API)).map(call => call.path.split('/').at(-1));
  expect(revoked.sort()).toEqual([...ids].sort());
});

test('B3: it goes on without the page, and is found again', async ({ page, workspace, console }) => {
  await doom(workspace, 10);
  await openAsAdmin(page, workspace, console, console.tokensPath + DOOMED);
  await selection(page).getByRole('button', { name: 'Select this page' }).click();
  await selection(page).getByRole('button', { name: 'Review selected' }).click();
  await workspace.fault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 200 });
  await start(page, 10);
  await page.goto('about:blank');
  await expect.poll(async () => (await calls(workspace, 'DELETE', TOKENS_API)).length).toBe(10);
  await page.goto(console.tokensPath);
  await page.getByRole('link', { name: 'Bulk revocations' }).click();
  await page.getByRole('link', { name: /^Revoke tokens, / }).click();
  await expect(said(page)).toContainText('All 10 tokens were revoked (confirmed).');
});

test('without a stream of news the page looks again by itself', async ({ page, workspace, console }) => {
  await doom(workspace, 8);
  await page.route('**/events', route => route.abort());
  await openAsAdmin(page, workspace, console, console.tokensPath + DOOMED);
  await selection(page).getByRole('button', { name: 'Select this page' }).click();
  await selection(page).getByRole('button', { name: 'Review selected' }).click();
  await workspace.fault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 900 });
  await start(page, 8);
  await expect(page.getByRole('progressbar', { name: 'Tokens processed' })).toHaveAttribute('value', '0');
  await expect(said(page)).toContainText('All 8 tokens were revoked (confirmed).');
});

test('by keyboard alone: fourteen, of which one fails and is retried', async ({ page, workspace, console }) => {
  const ids = await doom(workspace, 14);
  await openAsAdmin(page, workspace, console, console.tokensPath + DOOMED);
  await hydrated(page);
  const press = async (key: string, times = 1) => {
    for (let n = 0; n < times; n++) await page.keyboard.press(key);
  };
  const focused = () =>
    page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '',
    );
  const tabTo = async (what: RegExp) => {
    for (let n = 0; n < 120; n++) {
      await press('Tab');
      if (what.test(await focused())) return;
    }
    throw new Error(`the keyboard does not come to ${what}`);
  };
  await tabTo(/^Select all on this page$/);
  await press('Space');
  await expect(selection(page)).toContainText('14 selected');
  for (let n = 0; n < 120 && (await focused()) !== 'Review selected'; n++) await press('Shift+Tab');
  const path = `${TOKENS_API}/${ids[4]}`;
  await workspace.fault({
    method: 'DELETE',
    path,
    times: 'forever',
    effect: {
      kind: 'answer',
      status: 400,
      body: { kind: 'json_error', error_code: 'INVALID_PARAMETER_VALUE', message: 'no' },
    },
  });
  await press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Revoke 14 tokens' })).toBeVisible();
  await hydrated(page);
  for (
    let n = 0;
    n < 60 &&
    !(await page.getByRole('textbox', { name: 'Type 14 to confirm' }).evaluate(e => e === document.activeElement));
    n++
  )
    await press('Tab');
  await page.keyboard.type('14');
  await press('Enter');
  await expect(said(page)).toContainText('1 of 14 tokens could not be revoked.');
  await expect(said(page)).toContainText('13 were revoked (confirmed).');
  await expect(page.getByRole('row').filter({ hasText: 'Failed' })).toContainText('doomed 5');
  await workspace.clearFaults();
  await tabTo(/^Retry 1 failed$/);
  await press('Enter');
  await expect(said(page)).toContainText('All 14 tokens were revoked (confirmed).');
  for (const id of ids) {
    const deletes = (await calls(workspace, 'DELETE', `${TOKENS_API}/${id}`)).filter(call => call.status === 200);
    expect(deletes).toHaveLength(1);
  }
});

test('signing out pauses it; who started it resumes it, the rest can be cancelled', async ({
  page,
  workspace,
  console,
}) => {
  await doom(workspace, 30);
  await openAsAdmin(page, workspace, console, console.tokensPath + DOOMED);
  await selection(page).getByRole('button', { name: 'Select this page' }).click();
  await selection(page).getByRole('button', { name: 'Review selected' }).click();
  await workspace.fault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 400 });
  await start(page, 30);
  const job = page.url();
  await expect(page.getByRole('progressbar', { name: 'Tokens processed' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await expect.poll(async () => console.log).toContain('bulk revocation paused');
  await page.goto(job);
  await signIn(page, workspace, 'PAT', workspace.otherAdmin);
  await expect(page.getByText(`Only ${workspace.admin.user_name} can resume it`)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resume' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto(job);
  await signIn(page, workspace, 'OAuth');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('progressbar', { name: 'Tokens processed' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel remaining' }).click();
  await expect(page.getByText('Skipped').first()).toBeVisible();
  await expect(said(page)).toContainText('Cancelled.');
});

test('B4: a limit of the workspace is told while it is waited for', async ({ page, workspace, console }) => {
  await doom(workspace, 12);
  await openAsAdmin(page, workspace, console, console.tokensPath + DOOMED);
  await selection(page).getByRole('button', { name: 'Select this page' }).click();
  await selection(page).getByRole('button', { name: 'Review selected' }).click();
  await workspace.fault({
    method: 'DELETE',
    path: TOKENS_API,
    times: 4,
    effect: { kind: 'rate_limit', retry_after: { seconds: 3 } },
  });
  await start(page, 12);
  await expect(page.getByText(/Paused by the rate limit/)).toBeVisible();
  await expect(said(page)).toContainText('All 12 tokens were revoked (confirmed).');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('rows of two pages are picked, reviewed and revoked', async ({ page, workspace, console }) => {
    await doom(workspace, 60);
    await openAsAdmin(page, workspace, console, `${console.tokensPath + DOOMED}&sort=comment`);
    await box(page, 'doomed 1').check();
    await box(page, 'doomed 10').check();
    await page.getByRole('button', { name: 'Next page (keep selection)' }).click();
    await expect(page.getByRole('navigation', { name: 'Pages' })).toContainText('Page 2 of 2');
    await expect(selection(page)).toContainText('2 selected');
    await box(page, 'doomed 9').check();
    await selection(page).getByRole('button', { name: 'Review selected' }).click();
    await page.getByRole('textbox', { name: 'Type 3 to confirm' }).fill('4');
    await page.getByRole('button', { name: 'Revoke 3 tokens' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'The number does not match.' })).toBeVisible();
    await start(page, 3);
    await expect(async () => {
      await page.reload();
      await expect(said(page)).toContainText('All 3 tokens were revoked (confirmed).', { timeout: 500 });
    }).toPass();
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(3);
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('M3: cards are picked by touch, and nothing sticks out', async ({ page, workspace, console }) => {
    await doom(workspace, 3);
    await openAsAdmin(page, workspace, console, console.tokensPath + DOOMED);
    await hydrated(page);
    await box(page, 'doomed 2').tap();
    await expect(selection(page)).toContainText('1 selected');
    await selection(page).getByRole('button', { name: 'Select this page' }).tap();
    await expect(selection(page)).toContainText('3 selected');
    await selection(page).getByRole('button', { name: 'Review selected' }).tap();
    await expect(page.getByRole('heading', { level: 1, name: 'Revoke 3 tokens' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Type 3 to confirm' }).fill('3');
    await page.getByRole('button', { name: 'Revoke 3 tokens' }).tap();
    await expect(said(page)).toContainText('All 3 tokens were revoked (confirmed).');
    expect(
      await page.evaluate(() => document.scrollingElement!.scrollWidth - document.scrollingElement!.clientWidth),
    ).toBe(0);
  });
});
