// The token page compared with a file that has its rows, its style sheet and its compressed size, but no scripts. The
// console's own process serves that file. Both are opened in turns, so that a disturbance affects both.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { measureRows } from './phone.mjs';
import { signIn, startConsoleWithFiles } from './programs.mjs';
import { median } from './statistics.mjs';

const RUNS = 9;

/** The page's HTML and the size of its compressed body, for a browser with the cookies of `state`. */
async function readPage(browser, state, url) {
  const context = await browser.newContext({ storageState: state, javaScriptEnabled: false });
  const page = await context.newPage();
  const response = await page.goto(url, { waitUntil: 'networkidle' });
  if (response.headers()['content-encoding'] !== 'zstd') throw new Error(`Chromium negotiated no zstd for ${url}`);
  const html = await response.text();
  const { responseBodySize } = await response.request().sizes();
  await context.close();
  return { html, bytes: responseBodySize };
}

/** The HTML without scripts and the files that they load. */
function withoutScripts(html) {
  return html
    .replaceAll(/<script\b.*?<\/script>/gs, '')
    .replaceAll(/<link\b[^>]*\brel="?(?:modulepreload|preload)\b[^>]*>/g, '');
}

/** Medians of the times until the 50 rows are laid out. `visited`: as in `measureRows`. */
async function compare(browser, state, pageUrl, fileUrl, visited) {
  const [page, file] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    page.push(await measureRows(browser, state, pageUrl, visited));
    file.push(await measureRows(browser, state, fileUrl, visited));
  }
  return { page: median(page), file: median(file) };
}

/** The lines of a table. */
export async function staticPageTable(browser, workspace) {
  const folder = mkdtempSync(join(tmpdir(), 'pat-console-bench-'));
  const origin = await startConsoleWithFiles(workspace, folder);
  const url = `${origin}/w/acme/tokens`;
  const state = await signIn(browser, origin, workspace);
  // Signing in showed a page, whose script cached the style sheet and said so in a cookie.
  const isFirst = cookie => !cookie.name.startsWith('styles');
  const states = { first: { ...state, cookies: state.cookies.filter(isFirst) }, repeated: state };
  const lines = [
    `| slow phone, medians of ${RUNS}, in turns | the page, ms | a file of the same size, ms | ratio | at most |`,
    '|---|---|---|---|---|',
  ];
  for (const [name, visit, limit] of [
    ['first visit', 'first', 1.25],
    ['repeated visit', 'repeated', 1.15],
  ]) {
    const { html, bytes } = await readPage(browser, states[visit], url);
    const [from, to] = [join(folder, `${visit}.html`), `${visit}.zst`];
    writeFileSync(from, withoutScripts(html));
    execFileSync(process.env.BENCH_BIN, ['static-page', from, join(folder, to), '--bytes', bytes]);
    const visited = visit === 'first' ? undefined : url;
    const { page, file } = await compare(browser, states[visit], url, `${origin}/files/${to}`, visited);
    const times = `${page.toFixed(0)} | ${file.toFixed(0)} | ${(page / file).toFixed(2)}`;
    lines.push(`| rows laid out, ${name}, ${(bytes / 1000).toFixed(1)} kB of HTML | ${times} | ${limit} |`);
  }
  return lines;
}
