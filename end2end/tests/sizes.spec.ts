// What a first visit of the token list transfers, as Chromium negotiates it, and how many elements its HTML has. The
// HTML is measured without headers, everything together with them. `cargo xtask bench` measures the same in a larger
// workspace.

import { openAsAdmin } from '../support/console-page.ts';
import { expect, test } from '../support/fixtures.ts';
import { TOKENS_PATH } from '../support/paths.ts';

/** In bytes, compressed. */
const MAX_HTML = 18_000;
const MAX_WEB_ASSEMBLY = 80_000;
const MAX_FIRST_VISIT = 100_000;

/** With 50 rows. */
const MAX_ELEMENTS = 880;

test('a first visit of the token list stays small', async ({ page, workspace, console }) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const [urls, sizes] = [new Map<string, string>(), new Map<string, number>()];
  let headers = 0;
  session.on('Network.responseReceived', ({ requestId, response }) => {
    urls.set(requestId, response.url);
    if (response.url.endsWith(TOKENS_PATH)) headers = response.encodedDataLength;
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  const total = (matches: (url: string) => boolean): number =>
    [...urls].reduce((sum, [id, url]) => sum + (matches(url) ? (sizes.get(id) ?? 0) : 0), 0);

  await openAsAdmin(page, workspace, console, TOKENS_PATH);
  await expect(page.getByRole('rowheader')).toHaveCount(50);
  await page.locator('html[data-settled]').waitFor({ state: 'attached' });
  await page.waitForLoadState('networkidle');

  expect(total(url => url.endsWith(TOKENS_PATH))).toBeGreaterThan(0);
  expect(total(url => url.endsWith(TOKENS_PATH)) - headers, 'HTML with the style sheet').toBeLessThanOrEqual(MAX_HTML);
  expect(
    total(url => url.endsWith('.wasm')),
    'WebAssembly',
  ).toBeGreaterThan(0);
  expect(
    total(url => url.endsWith('.wasm')),
    'WebAssembly',
  ).toBeLessThanOrEqual(MAX_WEB_ASSEMBLY);
  expect(
    total(() => true),
    'everything',
  ).toBeLessThanOrEqual(MAX_FIRST_VISIT);

  const html = await (await page.request.get(TOKENS_PATH)).text();
  // The content of templates and scripts is not part of the document.
  const markup = html.replaceAll(/(<(template|script|style)\b[^>]*>).*?<\/\2>/gs, '$1');
  expect([...markup.matchAll(/<[a-z]/g)].length).toBeLessThanOrEqual(MAX_ELEMENTS);
});
