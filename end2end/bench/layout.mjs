// How much of the token list is in view, and how many elements its HTML has.

import { PHONE } from './phone.mjs';

/** The number of elements in the server's HTML, counted without JavaScript. */
export async function countElements(browser, state, url) {
  const context = await browser.newContext({ storageState: state, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(url);
  const count = await page.evaluate(() => document.querySelectorAll('*').length);
  await context.close();
  return count;
}

/** The position of the first row, the number of fully visible rows, and the lowest and the highest row. */
async function measureRows(browser, state, url, device, notice) {
  const context = await browser.newContext({ ...device, storageState: state });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('html[data-ready]').waitFor();
  if (notice && !(await page.getByRole('main').textContent()).includes(notice)) throw new Error(`${url} has no notice`);
  const layout = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll('tbody tr')].map(row => row.getBoundingClientRect());
    const heights = boxes.map(box => Math.round(box.height * 10) / 10);
    return {
      first: Math.round(boxes[0].top * 10) / 10,
      inView: boxes.filter(box => box.bottom <= innerHeight).length,
      lowest: Math.min(...heights),
      highest: Math.max(...heights),
    };
  });
  await context.close();
  return layout;
}

const range = ({ lowest, highest }) => (lowest === highest ? `${lowest}` : `${lowest} to ${highest}`);

/** The lines of a table about the list on a desktop and on a phone. `refusing` shows the same with a notice. */
export async function layoutTable(browser, { state, url }, refusing) {
  const desktop = { viewport: { width: 1280, height: 800 } };
  const filtered = `${url}?q=a&status=active&finding=never-expires`;
  const plain = await measureRows(browser, state, url, desktop);
  const filters = await measureRows(browser, state, filtered, desktop);
  const notice = await measureRows(browser, refusing.state, refusing.url, desktop, 'Owner names are unavailable.');
  const phone = await measureRows(browser, state, url, PHONE);
  return [
    '| token list | | at most | at least |',
    '|---|---|---|---|',
    `| elements of the server's HTML, 50 rows | ${await countElements(browser, state, url)} | 880 | |`,
    `| 1280 x 800: first row, px from the top | ${plain.first} | 290 | |`,
    `| rows wholly in view | ${plain.inView} | | 11 |`,
    `| with three filters: first row, px from the top | ${filters.first} | 290 | |`,
    `| with three filters: rows wholly in view | ${filters.inView} | | 11 |`,
    `| with a notice: rows wholly in view | ${notice.inView} | | 10 |`,
    `| height of every row, px | ${range(plain)} | 44 | 44 |`,
    `| 390 x 844: first card, px from the top | ${phone.first} | 360 | |`,
    `| height of every card, px | ${range(phone)} | 84 | 84 |`,
  ];
}
