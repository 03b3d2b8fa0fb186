// The token list contains only the part of the style sheet that it needs (`style/token-list.css`). With the whole style
// sheet it must look the same.

import type { Page } from '@playwright/test';

import { openAsAdmin, resultCount, searchField, signInAsAdmin, tokenRow } from '../support/console-page.ts';
import { type DemoWorkspace, jsonError } from '../support/demo-workspace.ts';
import { ONE_PAGE_OF_TOKENS, expect, test, waitForHydration } from '../support/fixtures.ts';
import { SCIM_API, TOKENS_PATH } from '../support/paths.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS });

/** Every style of every element of the page, and of its `::before` and `::after`. */
async function computedStyles(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body, body *')].flatMap((element, index) =>
      ['', '::before', '::after'].flatMap(pseudo => {
        const style = getComputedStyle(element, pseudo);
        const name = `${index} ${element.tagName}.${element.className}#${element.id}${pseudo}`;
        return [...style].map(property => `${name} ${property}: ${style.getPropertyValue(property)}`);
      }),
    ),
  );
}

function expectSame(part: string[], whole: string[]): void {
  expect(part.length).toBe(whole.length);
  expect(part.filter((style, index) => style !== whole[index]).slice(0, 50)).toEqual([]);
}

/** Sets the cookie that says that the browser has cached the whole style sheet, as scripts do. */
async function pretendToHaveStylesheet(page: Page): Promise<void> {
  const style = page.locator('style[data-styles]');
  const [href, cookie] = [await style.getAttribute('data-styles'), await style.getAttribute('data-cookie')];
  await page.context().addCookies([{ name: cookie!, value: href!, url: page.url() }]);
}

async function failNames(workspace: DemoWorkspace): Promise<void> {
  await workspace.addFault({
    method: 'GET',
    path: `${SCIM_API}Users`,
    times: 'forever',
    effect: jsonError(500, 'INTERNAL_ERROR'),
  });
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  const STATES: {
    name: string;
    width: number;
    prepare?: (workspace: DemoWorkspace) => Promise<void>;
  }[] = [
    { name: 'the list', width: 1280 },
    { name: 'names that could not be read', width: 1280, prepare: failNames },
    { name: 'a phone', width: 390 },
  ];

  for (const { name, width, prepare } of STATES) {
    test(`the token list has every rule that it needs: ${name}`, async ({ page, workspace, console }) => {
      await prepare?.(workspace);
      await page.setViewportSize({ width, height: 800 });
      await openAsAdmin(page, workspace, console, TOKENS_PATH);
      const part = await computedStyles(page);
      await pretendToHaveStylesheet(page);
      await page.reload();
      await expect(page.locator('link[rel="stylesheet"]:not([media])')).toHaveCount(1);
      const whole = await computedStyles(page);
      expectSame(part, whole);
    });
  }
});

const FILTERED: { name: string; text: string; width: number }[] = [
  { name: 'filters in use', text: 'a', width: 1280 },
  { name: 'filters in use on a phone', text: 'a', width: 390 },
  { name: 'no token matches', text: 'zzzz', width: 1280 },
];

for (const { name, text, width } of FILTERED) {
  test(`the token list has every rule that it needs: ${name}`, async ({ page, workspace, console }) => {
    await page.setViewportSize({ width, height: 800 });
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await waitForHydration(page);
    await searchField(page).fill(text);
    await expect(resultCount(page)).toHaveText(/ of /);
    await expect(page).toHaveURL(/q=/);
    await searchField(page).blur();
    // Until then, cards below the screen are not laid out.
    await page.locator('html[data-settled]').waitFor();
    const part = await computedStyles(page);
    await page.getByRole('link', { name: 'Activity', exact: true }).dispatchEvent('pointerover');
    await expect(page.locator('style[data-styles]')).toHaveCount(0);
    const whole = await computedStyles(page);
    expectSame(part, whole);
  });
}

test('filters that are rarely needed have every rule', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await waitForHydration(page);
  // By a script, so that nothing before it loads the whole style sheet.
  await page.locator('#more-filters').evaluate((button: HTMLButtonElement) => button.click());
  await expect(page.locator('.filters-more')).toBeVisible();
  await expect(page.locator('.filters-more')).toHaveCSS('display', 'flex');
  await expect(page.locator('style[data-styles]')).toHaveCount(0);
});

test('a dialog of the token list is styled, and later pages link to the style sheet', async ({
  page,
  workspace,
  console,
}) => {
  await signInAsAdmin(page, workspace, console);
  await page.goto(TOKENS_PATH);
  await waitForHydration(page);
  const row = page.getByRole('row').nth(1);
  await row.getByRole('button', { name: /^Revoke/ }).click();
  const dialog = page.getByRole('dialog', { name: /^Revoke “/ });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Revoke' })).toHaveCSS('border-radius', '8px');
  await expect(dialog.locator('.card-footer')).toHaveCSS('position', 'sticky');
  await page.reload();
  await expect(page.locator('link[rel="stylesheet"]:not([media])')).toHaveCount(1);
  await expect(tokenRow(page, (await row.getByRole('link').first().textContent())!)).toBeVisible();
});
