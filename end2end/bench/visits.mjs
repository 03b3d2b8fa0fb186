// What a first and a repeated visit of the token page transfer.

import { PHONE } from './phone.mjs';

/** Every response that came over the network while `visit` ran: its URL, encoding, bytes with headers, and those of
    its headers. */
async function transferredResponses(page, visit) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const [responses, sizes] = [new Map(), new Map()];
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.fromDiskCache || response.fromPrefetchCache) return;
    const encoding = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-encoding')?.[1];
    // The data that had arrived when the headers were read.
    responses.set(requestId, { url: response.url, encoding, headers: response.encodedDataLength });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  await visit();
  await session.detach();
  const sized = [...responses].map(([id, response]) => ({ ...response, size: sizes.get(id) ?? 0 }));
  return sized.filter(({ size }) => size > 0);
}

/** The transfers of a first and a repeated visit of the same browser. */
async function measureVisits(browser, state, url) {
  const context = await browser.newContext({ ...PHONE, storageState: state });
  const page = await context.newPage();
  const go = async () => {
    // Opening the URL that is shown already would be a reload.
    await page.goto('about:blank');
    await page.goto(url, { waitUntil: 'networkidle' });
    // Requests some seconds after the page has loaded count too.
    await page.locator('html[data-settled]').waitFor();
    await page.waitForTimeout(1000);
  };
  const first = await transferredResponses(page, go);
  // Before someone opens the next page, pointing at its link fetches the style sheet.
  const leaving = await transferredResponses(page, async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).focus();
    await page.waitForFunction(() => document.cookie.includes('styles'));
  });
  const repeated = await transferredResponses(page, go);
  await context.close();
  return { first, leaving, repeated };
}

/** The same responses without their headers. */
const bodies = responses => responses.map(response => ({ ...response, size: response.size - response.headers }));

const kB = responses => (responses.reduce((total, { size }) => total + size, 0) / 1000).toFixed(1);

/** The lines of a table. */
export async function visitsTable(browser, { state, url }) {
  const { first, leaving, repeated } = await measureVisits(browser, state, url);
  const html = first.filter(response => response.url === url);
  const wasm = first.filter(response => response.url.endsWith('.wasm'));
  const others = repeated.filter(response => response.url !== url);
  return [
    '| bytes of the token page, as Chromium negotiates them, with headers | kB | at most |',
    '|---|---|---|',
    `| first visit, everything | ${kB(first)} | 100 |`,
    `| of which WebAssembly, in ${wasm[0].encoding} | ${kB(wasm)} | 80 |`,
    `| of which HTML with the style sheet, in ${html[0].encoding}, without headers | ${kB(bodies(html))} | 18 |`,
    `| the style sheet, when someone moves to a link | ${kB(leaving)} | |`,
    `| repeated visit: the HTML, and ${others.length} other files | ${kB(repeated)} | HTML only |`,
  ];
}
