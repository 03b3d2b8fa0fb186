// A phone with a slow processor and a slow connection.

import { setTimeout as sleep } from 'node:timers/promises';

export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Runs in the page and records the times of the rows, the first input, the hydration and the first filter. */
function recordMilestones() {
  addEventListener('input', () => (window.typedAt ??= performance.now()), true);
  const check = () => {
    const rows = document.querySelectorAll('tbody tr');
    if (rows.length >= 50 && rows[49].getBoundingClientRect().height > 0) window.rowsAt ??= performance.now();
    if (document.documentElement?.dataset.ready !== undefined) window.hydratedAt ??= performance.now();
    if (document.querySelector('#result-count')?.textContent.includes(' of ')) window.filteredAt ??= performance.now();
    requestAnimationFrame(check);
  };
  requestAnimationFrame(check);
}

/** Runs in the page and types a filter as soon as its field exists. */
function typeEarly() {
  const type = () => {
    const search = document.querySelector('#filters input[type=search]');
    if (!search) return requestAnimationFrame(type);
    search.focus();
    document.execCommand('insertText', false, 'nightly');
  };
  requestAnimationFrame(type);
}

/** A page on such a phone. If `visited` is given, the browser has visited it before and has cached its files. */
async function openSlowPhone(browser, state, visited) {
  const context = await browser.newContext({ ...PHONE, storageState: state });
  const page = await context.newPage();
  if (visited) {
    await page.goto(visited, { waitUntil: 'networkidle' });
    await page.locator('html[data-ready]').waitFor();
    // Otherwise the next navigation would be a reload, or a transition from a page of the console, or neither.
    await page.goto('about:blank');
  }
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 },
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.addInitScript(recordMilestones);
  return { context, page, session };
}

/**
 * Types a filter as early as possible. Returns whether that was before the hydration, how many milliseconds after the
 * start of the navigation the filter was applied, and whether the text was kept.
 */
export async function measureTyping(browser, state, url) {
  const { context, page, session } = await openSlowPhone(browser, state);
  await page.addInitScript(typeEarly);
  await page.goto(url, { waitUntil: 'load' });
  // Not with Playwright, whose script is 330 kB: compiling that would delay the page that is measured.
  const evaluate = async expression => (await session.send('Runtime.evaluate', { expression })).result.value;
  while (!(await evaluate('window.filteredAt !== undefined && window.hydratedAt !== undefined'))) await sleep(50);
  const early = await evaluate('window.typedAt < window.hydratedAt');
  const delay = await evaluate('window.filteredAt');
  const text = await evaluate('document.querySelector("#filters input[type=search]").value');
  await context.close();
  return { early, delay, kept: text === 'nightly' };
}

/** Types a filter and presses Enter. Returns how many milliseconds later it was applied. */
export async function measureEnter(browser, state, url) {
  const { context, page } = await openSlowPhone(browser, state);
  await page.goto(url, { waitUntil: 'commit' });
  const search = page.getByRole('searchbox', { name: 'Search by comment, owner or ID' });
  await search.focus();
  await page.keyboard.insertText('nightly');
  const pressedAt = Date.now();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.filteredAt !== undefined, undefined, { polling: 20 });
  const delay = Date.now() - pressedAt;
  await context.close();
  return delay;
}

/** How many milliseconds after the start of the navigation the 50 rows of the table are laid out. */
export async function measureRows(browser, state, url, visited) {
  const { context, page } = await openSlowPhone(browser, state, visited);
  // Playwright evaluates nothing in the page before it has loaded: its own script is 330 kB, and compiling that would
  // delay the page that is measured.
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForFunction(() => window.rowsAt !== undefined, undefined, { polling: 20 });
  const delay = await page.evaluate(() => window.rowsAt);
  await context.close();
  return delay;
}
