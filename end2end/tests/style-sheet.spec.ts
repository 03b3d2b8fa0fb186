// The token list contains only the part of the style sheet that it needs (`style/token-list.css`). With the whole sheet
// it must look the same.

import type { Page } from '@playwright/test';

import { openAsAdmin, signInAsAdmin, tokenRow } from '../support/console-page.ts';
import { type DemoWorkspace, jsonError } from '../support/demo-workspace.ts';
import { ONE_PAGE_OF_TOKENS, expect, test, waitForHydration } from '../support/fixtures.ts';
import { SCIM_API, TOKENS_PATH } from '../support/paths.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS });

/** Every element of the page with its styles, and those of what the style sheet puts before and after it. */
async function computedStyles(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body, body *')].map(element => {
      const styles = ['', '::before', '::after'].map(pseudo => {
        const style = getComputedStyle(element, pseudo);
        return [...style].map(name => `${name}: ${style.getPropertyValue(name)}`).join('; ');
      });
      return `${element.tagName}.${element.className}#${element.id} ${styles.join(' | ')}`;
    }),
  );
}

/** Says in a cookie, as scripts do, that the browser has the whole style sheet. */
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
    query: string;
    width: number;
    prepare?: (workspace: DemoWorkspace) => Promise<void>;
  }[] = [
    { name: 'the list', query: '?sel=', width: 1280 },
    { name: 'filters in use', query: '?q=a&status=active&more_filters=1', width: 1280 },
    { name: 'no token matches', query: '?q=zzzz', width: 1280 },
    { name: 'names that could not be read', query: '', width: 1280, prepare: failNames },
    { name: 'a phone', query: '?q=a', width: 390 },
  ];

  for (const { name, query, width, prepare } of STATES) {
    test(`the token list has every rule that it needs: ${name}`, async ({ page, workspace, console }) => {
      await prepare?.(workspace);
      await page.setViewportSize({ width, height: 800 });
      await openAsAdmin(page, workspace, console, TOKENS_PATH + query);
      const part = await computedStyles(page);
      await pretendToHaveStylesheet(page);
      await page.reload();
      await expect(page.locator('link[rel="stylesheet"]:not([media])')).toHaveCount(1);
      const whole = await computedStyles(page);
      expect(part.filter((element, index) => element !== whole[index])).toEqual([]);
    });
  }
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
