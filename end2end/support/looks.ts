// What has to hold of every page however it looks: nothing sticks out of a narrow window, and axe finds nothing serious, in both themes.

import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';

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
    const wide = [...document.body.querySelectorAll('*')].filter(element => element.getBoundingClientRect().right > root.clientWidth + 0.5);
    return [`${root.scrollWidth} px`, ...wide.slice(0, 5).map(element => element.outerHTML.slice(0, 120))];
  });
}

export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  if (rules) axe.withRules(rules);
  const found = await axe.analyze();
  return found.violations
    .filter(violation => violation.impact === 'serious' || violation.impact === 'critical')
    .map(violation => `${violation.id}: ${violation.nodes.map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`);
}
