// The console on a phone: cards instead of a table, targets that a thumb can hit, dialogs that fit, and themes.
// page-states.spec.ts measures every page state at 320 px.

import type { Locator, Page } from '@playwright/test';

import { openAsAdmin, statusMessage, tokenRow, tokenSwitch } from '../support/console-page.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { horizontalOverflow } from '../support/page-checks.ts';
import { FIND_LEAKED_PATH, SETTINGS_PATH, TOKENS_PATH } from '../support/paths.ts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' });

/**
 * The targets that are smaller than `minimum` in either direction. A link in a sentence is exempt, since it is as high
 * as its line (exception "inline" of WCAG 2.5.8).
 */
async function tooSmall(targets: Locator, minimum: number): Promise<string[]> {
  return targets.evaluateAll((all, minimum) => {
    const inSentence = (element: Element) =>
      getComputedStyle(element).display === 'inline' &&
      (element.parentElement!.textContent ?? '').trim() !== (element.textContent ?? '').trim();
    return (
      all
        .filter(element => element.checkVisibility({ visibilityProperty: true }) && !inSentence(element))
        // Skip links are above the window until they have focus.
        .filter(element => element.getBoundingClientRect().bottom > 0)
        .map(element => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => Math.min(box.width, box.height) < minimum - 0.1)
        .map(
          ({ element, box }) =>
            `${element.outerHTML.slice(0, 90)}: ${Math.round(box.width)} x ${Math.round(box.height)}`,
        )
    );
  }, minimum);
}

/** Everything on the page that can be tapped. */
function targets(page: Page): Locator {
  return (['button', 'link', 'textbox', 'searchbox', 'combobox', 'switch', 'tab'] as const)
    .map(role => page.getByRole(role))
    .reduce((all, one) => all.or(one));
}

test('a card has every value and action of its row', { tag: '@M3' }, async ({ page, workspace, console }) => {
  await workspace.createToken({
    owner: workspace.otherAdmin.user_name,
    creator: workspace.admin.user_name,
    comment: 'phone: a card',
    created_days_ago: 10,
    lifetime_days: 400,
    used_days_ago: 3,
  });
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=phone`);
  const card = tokenRow(page, 'phone: a card');
  for (const value of ['phone: a card', workspace.otherAdmin.display_name, 'in 13 months', '3 days ago']) {
    await expect(card.getByText(value).first(), value).toBeVisible();
  }
  const box = (await card.boundingBox())!;
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(390);
  expect(box.height).toBe(84);
  // The days have labels, since a card has no column headings.
  const labels = await card
    .getByRole('cell')
    .evaluateAll(all => all.map(cell => getComputedStyle(cell, '::before').content));
  expect(labels).toEqual(
    expect.arrayContaining([expect.stringContaining('Expires'), expect.stringContaining('Last used')]),
  );
  await card.getByRole('button', { name: 'Revoke' }).tap();
  await page
    .getByRole('dialog', { name: /^Revoke “/ })
    .getByRole('button', { name: 'Revoke' })
    .tap();
  await expect(statusMessage(page)).toContainText('was revoked.');
  await expect(card).toHaveCount(0);
});

test(
  'cards can be sorted, although they have no column headings',
  { tag: '@M3' },
  async ({ page, workspace, console }) => {
    for (const [comment, used_days_ago] of [
      ['order: today', 0],
      ['order: long ago', 60],
      ['order: recently', 7],
    ] as const) {
      await workspace.createToken({
        owner: workspace.otherAdmin.user_name,
        comment,
        lifetime_days: 90,
        created_days_ago: 80,
        used_days_ago,
      });
    }
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=order:`);
    const names = page.getByRole('rowheader').getByRole('link');
    await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Least recently used' });
    await expect(names).toHaveText(['order: long ago', 'order: recently', 'order: today']);
    await expect(page).toHaveURL(/sort=last_used/);
    await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Newest first' });
    await expect(page).not.toHaveURL(/sort=/);
  },
);

test(
  'targets are at least 24 px in size, and main actions 44 px',
  { tag: '@M2' },
  async ({ page, workspace, console }) => {
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
    await openAsAdmin(page, workspace, console, FIND_LEAKED_PATH);
    for (const path of [
      TOKENS_PATH,
      `${TOKENS_PATH}?q=zzz`,
      `${TOKENS_PATH}/${token_id}`,
      `${TOKENS_PATH}/${token_id}/revoke`,
      FIND_LEAKED_PATH,
      SETTINGS_PATH,
      `${SETTINGS_PATH}/switch?to=off`,
    ]) {
      await page.goto(path);
      await waitForHydration(page);
      expect(await tooSmall(targets(page), 24), path).toEqual([]);
      const primary = page
        .getByRole('main')
        .getByRole('button', { name: /^(Apply|Revoke.*|Find.*|Save.*|Confirm.*|Cancel)$/ });
      // A list without matches has its filters only, which apply as soon as they are chosen.
      const fields = page.getByRole('main').getByRole('searchbox');
      expect((await primary.count()) + (await fields.count()), path).toBeGreaterThan(0);
      expect(await tooSmall(fields, 44), path).toEqual([]);
      expect(await tooSmall(primary, 44), path).toEqual([]);
      expect(await tooSmall(page.getByRole('navigation', { name: 'Main' }).getByRole('link'), 24), path).toEqual([]);
    }
  },
);

test(
  'at 320 px no page and no dialog scrolls sideways',
  { tag: ['@M1', '@D14'] },
  async ({ page, workspace, console }) => {
    await page.setViewportSize({ width: 320, height: 640 });
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    expect(await horizontalOverflow(page)).toEqual([]);
    // Difficult comments: one long word, a long text, markup, a spreadsheet formula.
    for (const query of ['s3a-eu-central', 'month-end', '%3Cscript', 'HYPERLINK']) {
      await page.goto(`${TOKENS_PATH}?q=${query}`);
      await waitForHydration(page);
      await expect(page.getByRole('rowheader')).toHaveCount(1);
      expect(await horizontalOverflow(page), query).toEqual([]);
      await page.getByRole('row').getByRole('button', { name: 'Revoke' }).tap();
      const dialog = page.getByRole('dialog', { name: /^Revoke “/ });
      await expect(dialog.getByRole('heading', { level: 1 })).toBeFocused();
      expect(await dialog.evaluate(element => element.scrollWidth - element.clientWidth), query).toBe(0);
      const box = (await dialog.boundingBox())!;
      expect(box.width).toBeLessThanOrEqual(320);
      expect(await horizontalOverflow(page), query).toEqual([]);
      await expect(dialog.getByRole('button', { name: 'Revoke' })).toBeInViewport({ ratio: 1 });
      await dialog.getByRole('button', { name: 'Cancel' }).tap();
      await expect(dialog).toBeHidden();
    }
    await page.goto(SETTINGS_PATH);
    await waitForHydration(page);
    await tokenSwitch(page).tap();
    const dialog = page.getByRole('dialog', { name: 'Disable personal access tokens in acme-prod' });
    await expect(dialog.getByRole('textbox')).toBeFocused();
    expect(await dialog.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0);
    expect(await horizontalOverflow(page)).toEqual([]);
    await expect(dialog.getByRole('button', { name: 'Confirm' })).toBeInViewport({ ratio: 1 });
  },
);

test(
  'a chosen theme applies to every page, from its first byte',
  { tag: '@V2' },
  async ({ page, workspace, console }) => {
    const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    const account = page.getByRole('button', { name: /account menu$/ });
    const theme = page.getByRole('group', { name: 'Theme' });
    await account.tap();
    await expect(theme.getByRole('button', { name: 'System' })).toHaveAttribute('aria-pressed', 'true');
    await theme.getByRole('button', { name: 'Light' }).tap();
    await account.tap();
    await expect(theme.getByRole('button', { name: 'Light' })).toHaveAttribute('aria-pressed', 'true');
    expect(await scheme()).toBe('light');
    expect(new URL(page.url()).pathname).toBe(TOKENS_PATH);
    await page.goto(SETTINGS_PATH);
    expect(await scheme()).toBe('light');
    expect(await (await page.request.get(TOKENS_PATH)).text()).toContain('data-theme="light"');
    await account.tap();
    await theme.getByRole('button', { name: 'System' }).tap();
    await account.tap();
    await expect(theme.getByRole('button', { name: 'System' })).toHaveAttribute('aria-pressed', 'true');
    expect(await scheme()).toBe('light dark');
  },
);

test('without a choice the theme follows the system', { tag: '@V2' }, async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  const brightness = () =>
    page.evaluate(() => {
      // A canvas converts any colour space of the style sheet to red, green and blue.
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
