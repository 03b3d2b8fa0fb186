// Measures the token page on a phone: the bytes of a first and a repeated visit, and how soon it can be read and
// filtered on a slow connection. `cargo xtask bench` starts it. Prints Markdown.

import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from '@playwright/test';

const RUNS = 5;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const processes = [];

/** Starts a program and returns its first line of output. */
function start(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  processes.push(child);
  return new Promise(resolve => createInterface({ input: child.stdout }).once('line', resolve));
}

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a demo workspace and a console, and waits until the console is ready. */
async function startConsole() {
  const workspace = JSON.parse(await start(process.env.DEMO_WORKSPACE_BIN, ['--port', '0', '--control-port', '0']));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'pat-console-bench-'));
  // Its output does not matter: the loop below waits until it is ready.
  void start(process.env.PAT_CONSOLE_BIN, [
    ...['serve', '--listen', `127.0.0.1:${port}`, '--public-url', origin],
    ...['--data-dir', dataDir, '--workspace', `acme=${workspace.url}`],
  ]);
  for (;;) {
    const ready = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (ready?.ok) return { origin, token: workspace.admin.pat };
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

async function signIn(browser, { origin, token }) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('table').waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

/** The URL and the bytes, including headers, of every response that came over the network while `visit` ran. */
async function transferredBytes(page, visit) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const [urls, sizes] = [new Map(), new Map()];
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (!response.fromDiskCache && !response.fromPrefetchCache) urls.set(requestId, response.url);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  await visit();
  await session.detach();
  return [...urls].map(([id, url]) => ({ url, size: sizes.get(id) ?? 0 })).filter(({ size }) => size > 0);
}

/** What a first and a repeated visit of the same browser transfer. */
async function measureVisits(browser, state, url) {
  const context = await browser.newContext({ ...PHONE, storageState: state });
  const page = await context.newPage();
  const go = async () => {
    await page.goto(url, { waitUntil: 'networkidle' });
    await page.locator('html[data-ready]').waitFor();
  };
  const first = await transferredBytes(page, go);
  const repeated = await transferredBytes(page, go);
  await context.close();
  return { first, repeated };
}

/** Runs in the page and records the times of the first rows, the first input, the hydration and the first filter. */
function recordMilestones() {
  addEventListener('input', () => (window.typedAt ??= performance.now()), true);
  const check = () => {
    const row = document.querySelector('tbody tr');
    if (row && row.getBoundingClientRect().height > 0) window.rowsAt ??= performance.now();
    if (document.documentElement?.dataset.ready !== undefined) window.hydratedAt ??= performance.now();
    if (document.querySelector('#result-count')?.textContent.includes(' of ')) window.filteredAt ??= performance.now();
    requestAnimationFrame(check);
  };
  requestAnimationFrame(check);
}

/** A page on a phone with a slow processor and a slow connection. */
async function openSlowPhone(browser, state) {
  const context = await browser.newContext({ ...PHONE, storageState: state });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 },
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.addInitScript(recordMilestones);
  return { context, page };
}

/**
 * Types a filter as early as possible, and presses Enter if `enter` is true. Returns whether it typed before the
 * hydration, after how many milliseconds the filter was applied, and whether the text was kept.
 */
async function measureTyping(browser, state, url, enter) {
  const { context, page } = await openSlowPhone(browser, state);
  await page.goto(url, { waitUntil: 'commit' });
  const search = page.getByRole('searchbox', { name: 'Search by comment, owner or ID' });
  await search.focus();
  await page.keyboard.insertText('nightly');
  const early = await page.evaluate(() => !(window.hydratedAt < window.typedAt));
  let pressedAt = 0;
  if (enter) {
    pressedAt = Date.now();
    await page.keyboard.press('Enter');
  }
  await page.waitForFunction(() => window.filteredAt !== undefined, undefined, { polling: 20 });
  const delay = enter ? Date.now() - pressedAt : await page.evaluate(() => window.filteredAt);
  await page.locator('html[data-ready]').waitFor();
  const text = await search.inputValue();
  await context.close();
  return { early, delay, kept: text === 'nightly' };
}

/** After how many milliseconds the rows of the table are laid out. */
async function measureRows(browser, state, url) {
  const { context, page } = await openSlowPhone(browser, state);
  // Playwright evaluates nothing in the page before it has loaded: its own script is 330 kB, and compiling that would
  // delay the page that is measured.
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForFunction(() => window.rowsAt !== undefined, undefined, { polling: 20 });
  const delay = await page.evaluate(() => window.rowsAt);
  await context.close();
  return delay;
}

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const totalSize = list => list.reduce((total, { size }) => total + size, 0);
const kB = n => (n / 1000).toFixed(1);
const repeat = async measure => {
  const results = [];
  for (let i = 0; i < RUNS; i++) results.push(await measure());
  return results;
};

const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const offline = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: [...sandbox, ...offline] });
try {
  const server = await startConsole();
  const url = `${server.origin}/w/acme/tokens`;
  const state = await signIn(browser, server);

  const { first, repeated } = await measureVisits(browser, state, url);
  const wasm = first.filter(({ url }) => url.endsWith('.wasm'));
  console.log('| bytes of the token page, in brotli, with headers | kB | at most |\n|---|---|---|');
  console.log(`| first visit, everything | ${kB(totalSize(first))} | 130 |`);
  console.log(`| of which WebAssembly | ${kB(totalSize(wasm))} | 105 |`);
  const others = repeated.filter(response => response.url !== url);
  console.log(
    `| repeated visit: the HTML, and ${others.length} other files | ${kB(totalSize(repeated))} | HTML only |\n`,
  );

  const rows = median(await repeat(() => measureRows(browser, state, url)));
  const typing = await repeat(() => measureTyping(browser, state, url, false));
  const enter = await repeat(() => measureTyping(browser, state, url, true));
  const early = [...typing, ...enter].filter(run => run.early);
  const kept = early.filter(run => run.kept).length;
  const typingDelay = median(typing.map(run => run.delay)).toFixed(0);
  const enterDelay = median(enter.map(run => run.delay)).toFixed(0);
  console.log(`| slow phone (4x CPU, 1.6 Mbit/s, 150 ms), medians of ${RUNS} | ms | at most |\n|---|---|---|`);
  console.log(`| rows laid out, from the start of the navigation | ${rows.toFixed(0)} | 470 |`);
  console.log(`| filter typed as early as possible is applied, without Enter | ${typingDelay} | 1400 |`);
  console.log(`| filter is applied after Enter | ${enterDelay} | one page |`);
  console.log(
    `\nIn ${early.length} of ${2 * RUNS} runs the text came before the islands were hydrated; ` +
      `it was kept in ${kept} of them.`,
  );
} finally {
  await browser.close();
  for (const child of processes) child.kill();
}
