// Selecting tokens across pages, and revoking them in bulk.

import type { Page } from '@playwright/test';

import { calls, openAsAdmin, signIn, signOut, statusMessage, tokenRow } from '../support/console-page.ts';
import { type DemoWorkspace, jsonError } from '../support/demo-workspace.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { checkLayoutAndA11y, horizontalOverflow } from '../support/page-checks.ts';
import { TOKENS_API, TOKENS_PATH } from '../support/paths.ts';

const DOOMED_TOKENS = `${TOKENS_PATH}?q=doomed`;

/** Creates tokens with the comments "doomed 1", "doomed 2" and so on. Returns their IDs. */
async function createDoomedTokens(workspace: DemoWorkspace, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 1; n <= count; n++) {
    const { token_id } = await workspace.createToken({
      owner: workspace.nonAdmin.user_name,
      comment: `doomed ${n}`,
      lifetime_days: 30,
      used_days_ago: n,
    });
    ids.push(token_id);
  }
  return ids;
}

function selection(page: Page) {
  return page.getByRole('group', { name: 'Selection' });
}

function rowCheckbox(page: Page, comment: string) {
  return tokenRow(page, comment).getByRole('checkbox');
}

/** Confirms the open review. */
async function confirmReview(page: Page, count: number): Promise<void> {
  await page.getByRole('textbox', { name: /^Type \d+ to confirm$/ }).fill(String(count));
  await page.getByRole('button', { name: `Revoke ${count} tokens` }).click();
}

test(
  'a selection of rows, a page or all matches is counted, survives paging and sorting, and can be cleared',
  { tag: ['@T9', '@T10'] },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?sort=owner`);
    await waitForHydration(page);
    const selectPage = page.getByRole('checkbox', { name: 'Select all on this page' });
    const checkboxes = page.getByRole('row').getByRole('checkbox', { name: /^Select (?!all)/ });
    await expect(checkboxes).toHaveCount(50);
    await checkboxes.nth(2).check();
    await checkboxes.nth(5).check();
    await expect(selection(page)).toContainText('2 selected');
    await expect(selectPage).toHaveJSProperty('indeterminate', true);
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Next' }).click();
    await waitForHydration(page);
    await expect(selection(page)).toContainText('2 selected');
    await selectPage.check();
    await expect(selection(page)).toContainText('52 selected');
    // The count is the same on each of these pages; only the order shows which one is visible.
    const expectSortedBy = (name: string) =>
      expect(page.getByRole('columnheader', { name })).toHaveAttribute('aria-sort', /./);
    await page.getByRole('columnheader', { name: 'Created' }).getByRole('link').click();
    await expectSortedBy('Created');
    await expect(selection(page)).toContainText('52 selected');
    await page.goBack();
    await expectSortedBy('Owner');
    await waitForHydration(page);
    await expect(selection(page)).toContainText('52 selected');
    await page.reload();
    await expect(selection(page)).toContainText('52 selected');
    await selection(page).getByRole('button', { name: 'Select all 160' }).click();
    await expect(selection(page)).toContainText('160 selected');
    await expect(checkboxes.first()).toBeChecked();
    await selection(page).getByRole('link', { name: 'Clear selection' }).click();
    await expect(selection(page)).toContainText('0 selected');
    await expect(checkboxes.first()).not.toBeChecked();
  },
);

test(
  'Shift selects a range, and rows can be excluded from all that match',
  { tag: '@T9' },
  async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    const checkboxes = page.getByRole('row').getByRole('checkbox', { name: /^Select (?!all)/ });
    await checkboxes.nth(1).click();
    await checkboxes.nth(6).click({ modifiers: ['Shift'] });
    await expect(selection(page)).toContainText('6 selected');
    await checkboxes.nth(4).click({ modifiers: ['Shift'] });
    await expect(selection(page)).toContainText('3 selected');
    await selection(page).getByRole('button', { name: 'Select all 160' }).click();
    await waitForHydration(page);
    await expect(selection(page)).toContainText('160 selected');
    await checkboxes.nth(0).uncheck();
    await checkboxes.nth(2).uncheck();
    await expect(selection(page)).toContainText('158 of 160 selected, 2 excluded');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Next' }).click();
    await expect(page.getByText('Page 2 of 4')).toBeVisible();
    await expect(selection(page)).toContainText('158 of 160 selected, 2 excluded');
    await expect(checkboxes.first()).toBeChecked();
    await selection(page).getByRole('button', { name: 'Review selected' }).click();
    // The token of this session is left out too.
    await expect(page.getByRole('heading', { level: 1, name: 'Revoke 157 tokens' })).toBeVisible();
  },
);

test('changing the filter clears the selection', { tag: '@T10' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  await page
    .getByRole('row')
    .getByRole('checkbox', { name: /^Select (?!all)/ })
    .nth(3)
    .check();
  await expect(selection(page)).toContainText('1 selected');
  await page.getByRole('searchbox', { name: 'Search by comment, owner or ID' }).fill('ci deploys');
  await expect(page.getByRole('status').filter({ hasText: /^\d+ of 160 tokens$/ })).toHaveCount(1);
  await expect(selection(page)).toContainText('0 selected');
  await expect(page).not.toHaveURL(/sel=/);
});

test(
  'a bulk revocation asks for the number, shows its progress, and confirms every token',
  { tag: ['@D11', '@B1'] },
  async ({ page, workspace, console }) => {
    const ids = await createDoomedTokens(workspace, 12);
    await openAsAdmin(page, workspace, console, DOOMED_TOKENS);
    await waitForHydration(page);
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
    await workspace.addFault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 900 });
    await confirmReview(page, 12);
    const progressBar = page.getByRole('progressbar', { name: 'Tokens processed' });
    await expect(progressBar).toBeVisible();
    await waitForHydration(page);
    await expect(page.getByText(/per second, about/)).toBeVisible();
    // The rows are updated too, and never contradict the numbers.
    const tokens = page.getByRole('table', { name: 'Tokens' });
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(
      /^Bulk revocation: [1-9]\d? of 12 tokens processed$/,
    );
    const isConsistent = await page.evaluate(() => {
      const queued = [...document.querySelectorAll('#progress dt')].find(term => term.textContent === 'Queued');
      const rows = [...document.querySelectorAll('#progress tbody .chip')];
      const count = Number(queued?.nextElementSibling?.textContent ?? 0);
      return rows.filter(chip => chip.textContent === 'Queued').length === count;
    });
    expect(isConsistent).toBe(true);
    await expect(tokens.getByText('Accepted, confirming').first()).toBeVisible();
    const inBar = page.getByRole('banner').getByRole('link', { name: /^Bulk revocation: \d+ of 12 tokens processed$/ });
    await expect(inBar).toHaveText(/^\d+\/12$/);
    await expect(page).toHaveTitle(/^\(\d+\/12\) acme-prod · Bulk revocation/);
    await expect(statusMessage(page)).toContainText('All 12 tokens were revoked (confirmed).');
    await expect(inBar).toHaveCount(0);
    await expect(page).toHaveTitle(/^acme-prod · All 12 tokens were revoked/);
    await expect(page.getByRole('table', { name: 'Tokens' }).getByText('Revoked', { exact: true })).toHaveCount(12);
    const revokedIds = (await calls(workspace, 'DELETE', TOKENS_API)).map(call => call.path.split('/').at(-1));
    expect(revokedIds.sort()).toEqual([...ids].sort());
  },
);

test(
  'a bulk revocation continues after its page is closed, and can be found again',
  { tag: '@B3' },
  async ({ page, workspace, console }) => {
    await createDoomedTokens(workspace, 10);
    await openAsAdmin(page, workspace, console, DOOMED_TOKENS);
    await selection(page).getByRole('button', { name: 'Select this page' }).click();
    await selection(page).getByRole('button', { name: 'Review selected' }).click();
    await workspace.addFault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 800 });
    await confirmReview(page, 10);
    await page.goto(TOKENS_PATH);
    // Every page shows its progress in the bar until the end.
    const inBar = page.getByRole('banner').getByRole('link', { name: /^Bulk revocation: \d+ of 10 tokens processed$/ });
    await expect(inBar).toHaveText(/^\d+\/10$/);
    await expect(inBar).toHaveCount(0);
    await expect(page).toHaveTitle(/^acme-prod/);
    expect((await calls(workspace, 'DELETE', TOKENS_API)).length).toBe(10);
    await page.getByRole('link', { name: 'Bulk changes' }).click();
    await page.getByRole('link', { name: /^Revoke tokens, / }).click();
    await expect(statusMessage(page)).toContainText('All 10 tokens were revoked (confirmed).');
  },
);

test('the page polls if it cannot receive events', async ({ page, workspace, console }) => {
  await createDoomedTokens(workspace, 8);
  await page.route(/\/events(\?|$)/, route => route.abort());
  await openAsAdmin(page, workspace, console, DOOMED_TOKENS);
  await selection(page).getByRole('button', { name: 'Select this page' }).click();
  await selection(page).getByRole('button', { name: 'Review selected' }).click();
  await workspace.addFault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 900 });
  await confirmReview(page, 8);
  await expect(page.getByRole('progressbar', { name: 'Tokens processed' })).toHaveAttribute('aria-valuenow', '0');
  await expect(statusMessage(page)).toContainText('All 8 tokens were revoked (confirmed).');
});

test(
  'tokens are revoked by keyboard alone, and the one that fails is listed and retried',
  { tag: ['@B1', '@B2'] },
  async ({ page, workspace, console }) => {
    const ids = await createDoomedTokens(workspace, 14);
    await openAsAdmin(page, workspace, console, DOOMED_TOKENS);
    await waitForHydration(page);
    const press = async (key: string, times = 1) => {
      for (let n = 0; n < times; n++) await page.keyboard.press(key);
    };
    const focusedName = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '',
      );
    const tabTo = async (name: RegExp) => {
      for (let n = 0; n < 120; n++) {
        await press('Tab');
        if (name.test(await focusedName())) return;
      }
      throw new Error(`Tab does not reach ${name}`);
    };
    await tabTo(/^Select all on this page$/);
    await press('Space');
    await expect(selection(page)).toContainText('14 selected');
    for (let n = 0; n < 120 && (await focusedName()) !== 'Review selected'; n++) await press('Shift+Tab');
    await workspace.addFault({
      method: 'DELETE',
      path: `${TOKENS_API}/${ids[4]}`,
      times: 'forever',
      effect: jsonError(400, 'INVALID_PARAMETER_VALUE'),
    });
    await press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Revoke 14 tokens' })).toBeVisible();
    await waitForHydration(page);
    const number = page.getByRole('textbox', { name: 'Type 14 to confirm' });
    const isNumberFocused = () => number.evaluate(element => element === document.activeElement);
    for (let n = 0; n < 60 && !(await isNumberFocused()); n++) await press('Tab');
    await page.keyboard.type('14');
    await press('Enter');
    await expect(statusMessage(page)).toContainText('1 of 14 tokens could not be revoked.');
    await expect(statusMessage(page)).toContainText('13 were revoked (confirmed).');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('1 of 14 tokens could not be revoked');
    await expect(page.getByRole('row').filter({ hasText: 'Failed' })).toContainText('doomed 5');
    await workspace.clearFaults();
    await tabTo(/^Retry 1 failed tokens$/);
    await press('Enter');
    await expect(statusMessage(page)).toContainText('All 14 tokens were revoked (confirmed).');
    for (const id of ids) {
      const successful = (await calls(workspace, 'DELETE', `${TOKENS_API}/${id}`)).filter(call => call.status === 200);
      expect(successful).toHaveLength(1);
    }
  },
);

test('signing out pauses a bulk revocation, and the person who started it can resume it and cancel the rest', async ({
  page,
  workspace,
  console,
}) => {
  await createDoomedTokens(workspace, 30);
  await openAsAdmin(page, workspace, console, DOOMED_TOKENS);
  await selection(page).getByRole('button', { name: 'Select this page' }).click();
  await selection(page).getByRole('button', { name: 'Review selected' }).click();
  await workspace.addFault({ method: 'DELETE', path: TOKENS_API, times: 'forever', delay_ms: 1000 });
  await confirmReview(page, 30);
  const bulkUrl = page.url();
  await expect(page.getByRole('progressbar', { name: 'Tokens processed' })).toBeVisible();
  await signOut(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await expect.poll(async () => console.log).toContain('bulk change paused');
  await page.goto(bulkUrl);
  await signIn(page, workspace, 'PAT', workspace.otherAdmin);
  await expect(page.getByText(`Only ${workspace.admin.user_name} can resume it`)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resume' })).toHaveCount(0);
  await signOut(page);
  await page.goto(bulkUrl);
  await signIn(page, workspace, 'OAuth');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('progressbar', { name: 'Tokens processed' })).toBeVisible();
  await page.getByRole('button', { name: 'Stop this bulk revocation' }).click();
  await expect(page.getByText('Skipped').first()).toBeVisible();
  await expect(statusMessage(page)).toContainText(/^Stopped: \d+ of 30 tokens (was|were) revoked\./);
});

test(
  'the page says that it waits for the rate limit of the workspace',
  { tag: '@B4' },
  async ({ page, workspace, console }) => {
    await createDoomedTokens(workspace, 12);
    await openAsAdmin(page, workspace, console, DOOMED_TOKENS);
    await selection(page).getByRole('button', { name: 'Select this page' }).click();
    await selection(page).getByRole('button', { name: 'Review selected' }).click();
    await workspace.addFault({
      method: 'DELETE',
      path: TOKENS_API,
      times: 4,
      effect: { kind: 'rate_limit', retry_after: { seconds: 3 } },
    });
    await confirmReview(page, 12);
    await expect(page.getByText(/Paused by the rate limit/)).toBeVisible();
    // If the rate limit rejects calls one after the other rather than together, it pauses four times for three seconds.
    const done = statusMessage(page);
    await expect(done).toContainText('All 12 tokens were revoked (confirmed).', { timeout: 30_000 });
  },
);

test(
  'owners can be unticked, the numbers follow, and a colleague starts the draft as themselves',
  { tag: '@B5' },
  async ({ page, workspace, console }) => {
    await createDoomedTokens(workspace, 3);
    await workspace.createToken({
      owner: workspace.otherAdmin.user_name,
      comment: 'doomed of another owner',
      created_days_ago: 0,
      lifetime_days: 30,
    });
    await openAsAdmin(page, workspace, console, DOOMED_TOKENS);
    await selection(page).getByRole('button', { name: 'Select this page' }).click();
    await selection(page).getByRole('button', { name: 'Review selected' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Revoke 4 tokens' })).toBeVisible();
    await expect(page.getByText('These tokens belong to 2 different people.')).toBeVisible();
    await waitForHydration(page);
    const owner = page.getByRole('checkbox', { name: new RegExp(workspace.otherAdmin.user_name) });
    await owner.uncheck();
    await expect(page.getByRole('heading', { level: 1, name: 'Revoke 3 tokens' })).toBeVisible();
    await expect(owner).toBeFocused();
    await checkLayoutAndA11y(page);
    await page.reload();
    await expect(owner).not.toBeChecked();
    const draft = page.url();

    await signOut(page);
    await page.goto(draft);
    await signIn(page, workspace, 'PAT', workspace.otherAdmin);
    await expect(page.getByText(`selected by ${workspace.admin.user_name}`)).toBeVisible();
    await confirmReview(page, 3);
    await expect(statusMessage(page)).toContainText('All 3 tokens were revoked (confirmed).');
    await expect(page.getByText(`Started by ${workspace.otherAdmin.user_name}`)).toBeVisible();
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(3);
  },
);

test('with many owners the number to type is in view, and nothing covers it', async ({ page, workspace, console }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await selection(page).getByRole('button', { name: 'Select this page' }).click();
  await selection(page).getByRole('button', { name: 'Review selected' }).click();
  await expect(page.getByText(/^These tokens belong to \d+ different owners/)).toBeVisible();
  const number = page.getByRole('textbox', { name: /^Type \d+ to confirm$/ });
  // While one page changes into the next, Chromium finds the document itself at every point.
  await expect
    .poll(() =>
      number.evaluate(field => {
        const box = field.getBoundingClientRect();
        const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return box.bottom <= window.innerHeight && hit === field;
      }),
    )
    .toBe(true);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('tokens on two pages are selected, reviewed and revoked', async ({ page, workspace, console }) => {
    await createDoomedTokens(workspace, 60);
    await openAsAdmin(page, workspace, console, `${DOOMED_TOKENS}&sort=comment`);
    await rowCheckbox(page, 'doomed 1').check();
    await rowCheckbox(page, 'doomed 10').check();
    await page.getByRole('button', { name: 'Next page (keep selection)' }).click();
    await expect(page.getByRole('navigation', { name: 'Pages' })).toContainText('Page 2 of 2');
    await expect(selection(page)).toContainText('2 selected');
    await rowCheckbox(page, 'doomed 9').check();
    await selection(page).getByRole('button', { name: 'Review selected' }).click();
    await page.getByRole('textbox', { name: 'Type 3 to confirm' }).fill('4');
    await page.getByRole('button', { name: 'Revoke 3 tokens' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'The number does not match.' })).toBeVisible();
    await confirmReview(page, 3);
    await expect(async () => {
      await page.reload();
      await expect(statusMessage(page)).toContainText('All 3 tokens were revoked (confirmed).', { timeout: 500 });
    }).toPass();
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(3);
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('cards are selected by touch, and nothing is too wide', { tag: '@M3' }, async ({ page, workspace, console }) => {
    await createDoomedTokens(workspace, 3);
    await openAsAdmin(page, workspace, console, DOOMED_TOKENS);
    await waitForHydration(page);
    await rowCheckbox(page, 'doomed 2').tap();
    await expect(selection(page)).toContainText('1 selected');
    await selection(page).getByRole('button', { name: 'Select this page' }).tap();
    await expect(selection(page)).toContainText('3 selected');
    await selection(page).getByRole('button', { name: 'Review selected' }).tap();
    await expect(page.getByRole('heading', { level: 1, name: 'Revoke 3 tokens' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Type 3 to confirm' }).fill('3');
    await page.getByRole('button', { name: 'Revoke 3 tokens' }).tap();
    await expect(statusMessage(page)).toContainText('All 3 tokens were revoked (confirmed).');
    expect(await horizontalOverflow(page)).toEqual([]);
  });
});
