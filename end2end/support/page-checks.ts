// Rules for every page: nothing is wider than a narrow window, and axe finds nothing serious, in either theme.

import { type Page, expect, test } from '@playwright/test';
import axe from 'axe-core';

/** Checks the current page; leaves it dark and 1280 px wide. */
export async function checkLayoutAndA11y(page: Page): Promise<void> {
  await test.step('320 px wide', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await horizontalOverflow(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 720 });
  });
  await test.step('axe, in light', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await axeViolations(page)).toEqual([]);
  });
  await test.step('axe on contrast, in dark', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeViolations(page, ['color-contrast'])).toEqual([]);
  });
}

/** If the page scrolls sideways: its width, and the first elements that are too wide. Otherwise empty. */
export async function horizontalOverflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.scrollingElement!;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.body.querySelectorAll('*')].filter(
      element => element.getBoundingClientRect().right > root.clientWidth + 0.5,
    );
    return [`${root.scrollWidth} px`, ...wide.slice(0, 5).map(element => element.outerHTML.slice(0, 120))];
  });
}

/** What axe reports as serious or critical, by all of its rules or by the given ones. */
export async function axeViolations(page: Page, rules?: string[]): Promise<string[]> {
  // Half a megabyte of script, so it is loaded once per page.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  // Do not compute detailed results of passed rules, which would be discarded.
  const options: axe.RunOptions = {
    resultTypes: ['violations'],
    ...(rules && { runOnly: { type: 'rule', values: rules } }),
  };
  const violations = await page.evaluate(
    async options => (await (window as unknown as { axe: typeof axe }).axe.run(options)).violations,
    options,
  );
  return violations
    .filter(violation => violation.impact === 'serious' || violation.impact === 'critical')
    .map(
      violation => `${violation.id}: ${violation.nodes.map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`,
    );
}
