// What has to hold of every page however it looks: nothing sticks out of a narrow window, and axe finds nothing serious, in both themes.

import { type Page, expect, test } from '@playwright/test';
import axe from 'axe-core';

/** Checks a page that is shown; leaves it in dark at 1280 px. */
export async function checkLooks(page: Page): Promise<void> {
  await test.step('320 px wide', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await sidewaysScroll(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 720 });
  });
  await test.step('axe, in light', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await violations(page)).toEqual([]);
  });
  await test.step('axe on contrast, in dark', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page, ['color-contrast'])).toEqual([]);
  });
}

/** What sticks out of the window, where the page scrolls sideways. */
export async function sidewaysScroll(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.scrollingElement!;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.body.querySelectorAll('*')].filter(
      element => element.getBoundingClientRect().right > root.clientWidth + 0.5,
    );
    return [`${root.scrollWidth} px`, ...wide.slice(0, 5).map(element => element.outerHTML.slice(0, 120))];
  });
}

/** What axe finds that is serious or critical, by all of its rules or by some. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // Half a megabyte of script: once for each page that is shown, however often it is asked.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  // What a rule found to be right would only be described at length and thrown away.
  const options: axe.RunOptions = {
    resultTypes: ['violations'],
    ...(rules && { runOnly: { type: 'rule', values: rules } }),
  };
  const found = await page.evaluate(
    async options => (await (window as unknown as { axe: typeof axe }).axe.run(options)).violations,
    options,
  );
  return found
    .filter(violation => violation.impact === 'serious' || violation.impact === 'critical')
    .map(
      violation => `${violation.id}: ${violation.nodes.map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`,
    );
}
