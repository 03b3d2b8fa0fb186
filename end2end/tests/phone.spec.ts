// The console in the hand: cards instead of a table, targets that a thumb hits, and no page or dialog that scrolls sideways. The rules M1 to M3 and D14 are those
// of the titles; every page and state is measured at 320 px in page-states.spec.ts.

import type { Locator, Page } from '@playwright/test';

import { openAsAdmin, said, tokenRow, tokenSwitch } from '../support/console-page.ts';
import { expect, hydrated, test } from '../support/fixtures.ts';

const TOKENS = '/w/acme-prod/tokens';
const ADVANCED = '/w/acme-prod/settings/advanced';
const FIND = '/w/acme-prod/find';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' });

async function scrollsSideways(page: Page): Promise<number> {
  return page.evaluate(() => document.scrollingElement!.scrollWidth - document.scrollingElement!.clientWidth);
}

/** What one may tap and is smaller than `least` in a direction. A link within a sentence is as high as its line (WCAG 2.5.8's exception "inline"). */
async function tooSmall(targets: Locator, least: number): Promise<string[]> {
  return targets.evaluateAll((all, least) => {
    const inSentence = (element: Element) =>
      getComputedStyle(element).display === 'inline' &&
      (element.parentElement!.textContent ?? '').trim() !== (element.textContent ?? '').trim();
    return (
      all
        .filter(element => element.checkVisibility({ visibilityProperty: true }) && !inSentence(element))
        // Kept out of sight until the keyboard comes to it.
        .filter(element => element.getBoundingClientRect().bottom > 0)
        .map(element => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => Math.min(box.width, box.height) < least - 0.1)
        .map(
          ({ element, box }) =>
            `${element.outerHTML.slice(0, 90)}: ${Math.round(box.width)} x ${Math.round(box.height)}`,
        )
    );
  }, least);
}

function targets(page: Page): Locator {
  return (['button', 'link', 'textbox', 'searchbox', 'combobox', 'switch', 'tab'] as const)
    .map(role => page.getByRole(role))
    .reduce((all, one) => all.or(one));
}

test('M3: a card has every value and action of its row', async ({ page, workspace, console }) => {
  const made = await workspace.createToken({
    owner: workspace.otherAdmin.user_name,
    creator: workspace.admin.user_name,
    comment: 'phone: a card',
    created_days_ago: 10,
    lifetime_days: 400,
    used_days_ago: 3,
  });
  await openAsAdmin(page, workspace, console, `${TOKENS}?q=phone`);
  const card = tokenRow(page, 'phone: a card');
  const day = (days: number) =>
    new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
      Date.now() + days * 86_400_000,
    );
  for (const value of [
    'phone: a card',
    made.token_id.slice(0, 7),
    workspace.otherAdmin.user_name,
    day(-10),
    day(390),
    day(-3),
    'Active',
  ]) {
    await expect(card.getByText(value).first(), value).toBeVisible();
  }
  const box = (await card.boundingBox())!;
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(390);
  // Each value says what it is, though the headings are gone.
  const labels = await card
    .getByRole('cell')
    .evaluateAll(all => all.map(cell => getComputedStyle(cell, '::before').content));
  expect(labels).toEqual(expect.arrayContaining(['"Owner"', '"Created"', '"Expires"', '"Last used"', '"Status"']));
  await card.getByRole('button', { name: 'Revoke' }).tap();
  await page
    .getByRole('dialog', { name: /^Revoke “/ })
    .getByRole('button', { name: 'Revoke' })
    .tap();
  await expect(said(page)).toContainText('was revoked.');
  await expect(card).toHaveCount(0);
});

test('M3: without headings to sort by, cards have an order to choose', async ({ page, workspace, console }) => {
  for (const [comment, used_days_ago] of [
    ['order: today', 0],
    ['order: long ago', 60],
    ['order: lately', 7],
  ] as const) {
    await workspace.createToken({
      owner: workspace.otherAdmin.user_name,
      comment,
      lifetime_days: 90,
      created_days_ago: 80,
      used_days_ago,
    });
  }
  await openAsAdmin(page, workspace, console, `${TOKENS}?q=order:`);
  const names = page.getByRole('rowheader').getByRole('link');
  await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Least recently used' });
  await expect(names).toHaveText(['order: long ago', 'order: lately', 'order: today']);
  await expect(page).toHaveURL(/sort=last_used/);
  await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Newest first' });
  await expect(page).not.toHaveURL(/sort=/);
});

test('M2: what one taps is 24 px or more, what matters most 44', async ({ page, workspace, console }) => {
  const { token_id } = await workspace.createToken({
    owner: workspace.otherAdmin.user_name,
    comment: 'phone: target',
    lifetime_days: 40,
  });
  await page.goto('/sign-in');
  expect(await tooSmall(targets(page), 24), '/sign-in').toEqual([]);
  expect(
    await tooSmall(
      page.getByRole('button', { name: 'Sign in' }).or(page.getByRole('link', { name: 'Sign in with Databricks' })),
      44,
    ),
  ).toEqual([]);
  await openAsAdmin(page, workspace, console, FIND);
  for (const path of [
    TOKENS,
    `${TOKENS}?q=zzz`,
    `${TOKENS}/${token_id}`,
    `${TOKENS}/${token_id}/revoke`,
    FIND,
    ADVANCED,
    `${ADVANCED}/switch?to=off`,
  ]) {
    await page.goto(path);
    await hydrated(page);
    expect(await tooSmall(targets(page), 24), path).toEqual([]);
    const primary = page
      .getByRole('main')
      .getByRole('button', { name: /^(Apply|Revoke|Revoke .*|Find|Save|Save comment|Confirm|Cancel)$/ });
    expect(await primary.count(), path).toBeGreaterThan(0);
    expect(await tooSmall(primary, 44), path).toEqual([]);
    expect(await tooSmall(page.getByRole('navigation', { name: 'Main' }).getByRole('link'), 24), path).toEqual([]);
  }
});

test('M1 D14: at 320 px no page and no dialog scrolls sideways', async ({ page, workspace, console }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await openAsAdmin(page, workspace, console, TOKENS);
  await hydrated(page);
  expect(await scrollsSideways(page)).toBe(0);
  // Comments that hurt: one long word, a long text, right to left, script.
  for (const query of ['s3a-eu-central', 'month-end', '%3Cscript', 'HYPERLINK']) {
    await page.goto(`${TOKENS}?q=${query}`);
    await hydrated(page);
    await expect(page.getByRole('rowheader')).toHaveCount(1);
    expect(await scrollsSideways(page), query).toBe(0);
    await page.getByRole('row').getByRole('button', { name: 'Revoke' }).tap();
    const dialog = page.getByRole('dialog', { name: /^Revoke “/ });
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    expect(await dialog.evaluate(element => element.scrollWidth - element.clientWidth), query).toBe(0);
    const box = (await dialog.boundingBox())!;
    expect(box.width).toBeLessThanOrEqual(320);
    expect(await scrollsSideways(page), query).toBe(0);
    await expect(dialog.getByRole('button', { name: 'Revoke' })).toBeInViewport({ ratio: 1 });
    await dialog.getByRole('button', { name: 'Cancel' }).tap();
    await expect(dialog).toBeHidden();
  }
  await page.goto(ADVANCED);
  await hydrated(page);
  await tokenSwitch(page).tap();
  const dialog = page.getByRole('dialog', { name: 'Disable personal access tokens in acme-prod' });
  await expect(dialog.getByRole('textbox')).toBeFocused();
  expect(await dialog.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0);
  expect(await scrollsSideways(page)).toBe(0);
  await expect(dialog.getByRole('button', { name: 'Confirm' })).toBeInViewport({ ratio: 1 });
});

test('V2: a theme that is chosen holds on every page, from its first byte', async ({ page, workspace, console }) => {
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await openAsAdmin(page, workspace, console, TOKENS);
  await hydrated(page);
  const theme = page.getByRole('group', { name: 'Theme' });
  await expect(theme.getByRole('button', { name: 'System' })).toHaveAttribute('aria-pressed', 'true');
  await theme.getByRole('button', { name: 'Light' }).tap();
  await expect(theme.getByRole('button', { name: 'Light' })).toHaveAttribute('aria-pressed', 'true');
  expect(await scheme()).toBe('light');
  expect(new URL(page.url()).pathname).toBe(TOKENS);
  await page.goto(ADVANCED);
  expect(await scheme()).toBe('light');
  expect(await (await page.request.get(TOKENS)).text()).toContain('data-theme="light"');
  await theme.getByRole('button', { name: 'System' }).tap();
  await expect(theme.getByRole('button', { name: 'System' })).toHaveAttribute('aria-pressed', 'true');
  expect(await scheme()).toBe('light dark');
});

test('V2: the phone follows the system into the dark', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS);
  const brightness = () =>
    page.evaluate(() => {
      // Whatever colour space the style sheet speaks, a canvas answers in red, green and blue.
      const pixel = new OffscreenCanvas(1, 1).getContext('2d')!;
      pixel.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
      pixel.fillRect(0, 0, 1, 1);
      const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
      return (red! + green! + blue!) / 3;
    });
  expect(await brightness()).toBeLessThan(60);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await brightness()).toBeGreaterThan(200);
});
