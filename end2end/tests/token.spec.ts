// The page of a token, and the drawer next to the list.

import { openAsAdmin, statusMessage } from '../support/console-page.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { axeViolations } from '../support/page-checks.ts';
import { TOKENS_PATH } from '../support/paths.ts';

test.describe('in a wide window', () => {
  test.use({ viewport: { width: 1440, height: 900 } });

  test('a token opens next to the list, and closing it shows the unchanged list', async ({
    page,
    workspace,
    console,
  }) => {
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?sort=comment`);
    await waitForHydration(page);
    const links = page.getByRole('rowheader').getByRole('link');
    const [first, second] = (await links.allInnerTexts()).slice(8);
    const drawer = page.getByRole('complementary');
    await page.mouse.wheel(0, 300);
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(300);

    await test.step('a click opens it, with an address of its own', async () => {
      await links.nth(8).click();
      await expect(drawer.getByRole('heading', { level: 2, name: first })).toBeFocused();
      await expect(page).toHaveURL(/\/tokens\/[0-9a-f]+\?from=sort%3Dcomment$/);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Personal access tokens');
      await expect(links.nth(8)).toHaveAttribute('aria-current', 'true');
      expect(await axeViolations(page)).toEqual([]);
    });
    await test.step('the list can be used beside it, and one token is open at a time', async () => {
      await page.getByRole('row').getByRole('checkbox').nth(12).check();
      await page.getByRole('heading', { level: 2, name: first }).focus();
      await page.keyboard.press('j');
      await expect(drawer.getByRole('heading', { level: 2, name: second })).toBeFocused();
      await expect(drawer).toHaveCount(1);
      await expect(links.nth(9)).toHaveAttribute('aria-current', 'true');
    });
    await test.step('Escape closes it: list, selection, place and focus are there', async () => {
      await page.keyboard.press('Escape');
      await expect(drawer).toHaveCount(0);
      await expect(links.nth(9)).toBeFocused();
      await expect(page).toHaveURL(/\/tokens\?sort=comment&sel=/);
      await expect(page.getByRole('group', { name: 'Selection' })).toContainText('1 selected');
      expect(await page.evaluate(() => scrollY)).toBe(300);
    });
    await test.step('so do Back and Close', async () => {
      await page.keyboard.press('o');
      await expect(drawer.getByRole('heading', { level: 2, name: second })).toBeFocused();
      await page.goBack();
      await expect(drawer).toHaveCount(0);
      await page.keyboard.press('Enter');
      await expect(drawer.getByRole('heading', { level: 2, name: second })).toBeFocused();
      await drawer.getByRole('link', { name: 'Close token details' }).click();
      await expect(drawer).toHaveCount(0);
      await expect(links.nth(9)).toBeFocused();
    });
    await test.step('Forward opens it again', async () => {
      await page.goForward();
      await expect(drawer.getByRole('heading', { level: 2, name: second })).toBeFocused();
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Personal access tokens');
      await expect(links.nth(9)).toHaveAttribute('aria-current', 'true');
      await page.goBack();
      await expect(drawer).toHaveCount(0);
    });
    await test.step('in a narrower window it stands alone while rows are ticked', async () => {
      await links.nth(8).click();
      await expect(drawer.getByRole('heading', { level: 2, name: first })).toBeFocused();
      await page.setViewportSize({ width: 1280, height: 900 });
      await expect(page.getByRole('table', { name: /tokens/ })).toBeHidden();
      await drawer.getByRole('link', { name: 'Close token details' }).click();
      await expect(page.getByRole('group', { name: 'Selection' })).toContainText('1 selected');
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.getByRole('link', { name: 'Clear selection' }).click();
      await expect(page).toHaveURL(/\/tokens\?sort=comment$/);
      await waitForHydration(page);
    });
    await test.step('a narrower window and a reload show the page, which leads back', async () => {
      await links.nth(8).click();
      await expect(drawer.getByRole('heading', { level: 2, name: first })).toBeFocused();
      await page.setViewportSize({ width: 1280, height: 900 });
      await expect(page.getByRole('heading', { level: 1, name: first })).toBeVisible();
      await page
        .getByRole('navigation', { name: 'Position' })
        .getByRole('link', { name: /^‹ .* tokens$/ })
        .click();
      await expect(page).toHaveURL(/\/tokens\?sort=comment$/);
    });
  });

  test('the comment is changed in the drawer and in its row', async ({ page, workspace, console }) => {
    await workspace.createToken({ owner: workspace.otherAdmin.user_name, comment: 'drawer: old', lifetime_days: 40 });
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=drawer%3A`);
    await waitForHydration(page);
    await page.getByRole('link', { name: 'drawer: old' }).click();
    const drawer = page.getByRole('complementary', { name: 'drawer: old' });
    await expect(drawer).toBeVisible();
    // The row links to the start of the ID; the URL in the address bar contains all of it.
    await expect(page).toHaveURL(/\/tokens\/[0-9a-f]{64}\?from=/);
    await expect(page.getByRole('link', { name: 'drawer: old' })).toHaveAttribute('aria-current', 'true');
    await drawer.getByText('Change comment').click();
    await drawer.getByRole('textbox', { name: 'New comment' }).fill('drawer: new');
    await drawer.getByRole('button', { name: 'Save comment' }).click();
    await expect(statusMessage(page)).toContainText('Comment saved for “drawer: new” (');
    await expect(page.getByRole('complementary', { name: 'drawer: new' })).toBeVisible();
    await expect(page.getByRole('table').getByRole('link', { name: 'drawer: new' })).toBeVisible();
    // Another view of the list replaces the token.
    await page.getByRole('columnheader', { name: 'Owner' }).getByRole('link').click();
    await expect(page.getByRole('complementary')).toHaveCount(0);
    await expect(page).toHaveURL(/\/tokens\?q=drawer%3A&sort=owner$/);
    await page.goBack();
    await expect(page).toHaveURL(/\/tokens\?q=drawer%3A$/);
  });

  test('a comment is sent once, and its result is also shown with the next token', async ({
    page,
    workspace,
    console,
  }) => {
    for (const comment of ['drawer: a', 'drawer: b']) {
      await workspace.createToken({ owner: workspace.otherAdmin.user_name, comment, lifetime_days: 40 });
    }
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=drawer%3A&sort=comment`);
    await waitForHydration(page);
    const list = page.getByRole('table');
    await list.getByRole('link', { name: 'drawer: a' }).click();
    const first = page.getByRole('complementary', { name: 'drawer: a' });
    await first.getByText('Change comment').click();
    const sent: string[] = [];
    let release = () => {};
    const released = new Promise<void>(resolve => (release = resolve));
    await page.route('**/api/tokens/comment', async route => {
      sent.push(route.request().url());
      await released;
      await route.continue();
    });
    await first.getByRole('textbox', { name: 'New comment' }).fill('drawer: aa');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await list.getByRole('link', { name: 'drawer: b' }).click();
    const second = page.getByRole('complementary', { name: 'drawer: b' });
    await expect(second).toBeVisible();
    release();
    await expect(statusMessage(page)).toContainText('Comment saved for “drawer: aa” (');
    await expect(list.getByRole('link', { name: 'drawer: aa' })).toBeVisible();
    await expect(second).toBeVisible();
    expect(sent).toHaveLength(1);
  });
});

test('on the page, the comment is changed in place, and keys lead to the next token of the list', async ({
  page,
  workspace,
  console,
}) => {
  for (const comment of ['page: a', 'page: b']) {
    await workspace.createToken({ owner: workspace.otherAdmin.user_name, comment, lifetime_days: 40 });
  }
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=page%3A&sort=comment`);
  await page.getByRole('link', { name: 'page: a' }).click();
  await expect(page.getByRole('navigation', { name: 'Position' })).toContainText('1 of 2');
  await waitForHydration(page);
  // Rows link to the start of the ID; the URL in the address bar contains all of it.
  await expect(page).toHaveURL(/\/tokens\/[0-9a-f]{64}$/);
  await page.getByText('Change comment').click();
  await page.getByRole('textbox', { name: 'New comment' }).fill('page: aa');
  await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  await page.getByRole('button', { name: 'Save comment' }).click();
  await expect(statusMessage(page)).toContainText('Comment saved for “page: aa” (');
  await expect(page.getByRole('heading', { level: 1, name: 'page: aa' })).toBeVisible();
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true);
  await page.keyboard.press('j');
  await expect(page.getByRole('heading', { level: 1, name: 'page: b' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Position' })).toContainText('2 of 2');
});

for (const width of [390, 1440]) {
  test(`the timeline of a token shows its end, ${width} px wide`, async ({ page, workspace, console }) => {
    await page.setViewportSize({ width, height: 900 });
    const owner = workspace.nonAdmin.user_name;
    await workspace.createToken({ owner, comment: 'ends', lifetime_days: 40, used_days_ago: 0 });
    await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=ends`);
    await waitForHydration(page);
    await page.getByRole('link', { name: /^ends/ }).first().click();
    const life = page.getByRole('region', { name: 'Life of the token' });
    await expect(life.locator('text', { hasText: /^Expires$/ }).filter({ visible: true })).toHaveCount(1);
    await expect(life.locator('text', { hasText: /^Created$/ }).filter({ visible: true })).toHaveCount(1);
  });
}
