// What a phone gets: the bytes of a first and a repeated visit to the token page, and how soon it can be read and
// filtered on a slow line. Started by `cargo xtask bench`; prints Markdown.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from '@playwright/test';

const RUNS = 5;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const started = [];

/** Starts a program and returns its first line of output. */
function start(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
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

async function serve() {
  const workspace = JSON.parse(await start(process.env.DEMO_WORKSPACE_BIN, ['--port', '0', '--control-port', '0']));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const data = mkdtempSync(join(tmpdir(), 'pat-console-bench-'));
  // It says nothing that is waited for; whether it answers is asked below.
  void start(process.env.PAT_CONSOLE_BIN, [
    ...['serve', '--listen', `127.0.0.1:${port}`, '--public-url', origin],
    ...['--data-dir', data, '--workspace', `acme=${workspace.url}`],
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

/** Bytes, headers included, of every answer that came over the network while `visit` ran, by address. */
async function bytes(page, visit) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const [addresses, sizes] = [new Map(), new Map()];
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (!response.fromDiskCache && !response.fromPrefetchCache) addresses.set(requestId, response.url);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  await visit();
  await session.detach();
  return [...addresses].map(([id, url]) => ({ url, size: sizes.get(id) ?? 0 })).filter(({ size }) => size > 0);
}

async function visits(browser, state, address) {
  const context = await browser.newContext({ ...PHONE, storageState: state });
  const page = await context.newPage();
  const go = async () => {
    await page.goto(address, { waitUntil: 'networkidle' });
    await page.locator('html[data-ready]').waitFor();
  };
  const first = await bytes(page, go);
  const again = await bytes(page, go);
  await context.close();
  return { first, again };
}

/** Notes in the page when rows have a height, the first key came, the islands were alive and a filter took effect. */
function watch() {
  addEventListener('input', () => (window.typedAt ??= performance.now()), true);
  const look = () => {
    const row = document.querySelector('tbody tr');
    if (row && row.getBoundingClientRect().height > 0) window.rowsAt ??= performance.now();
    if (document.documentElement?.dataset.ready !== undefined) window.aliveAt ??= performance.now();
    if (document.querySelector('#result-count')?.textContent.includes(' of ')) window.filteredAt ??= performance.now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function slowPhone(browser, state) {
  const context = await browser.newContext({ ...PHONE, storageState: state });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 },
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.addInitScript(watch);
  return { context, page };
}

async function typed(browser, state, address, enter) {
  const { context, page } = await slowPhone(browser, state);
  await page.goto(address, { waitUntil: 'commit' });
  const search = page.getByRole('searchbox', { name: 'Search by comment or ID' });
  await search.focus();
  await page.keyboard.insertText('nightly');
  const early = await page.evaluate(() => !(window.aliveAt < window.typedAt));
  let pressed = 0;
  if (enter) {
    pressed = Date.now();
    await page.keyboard.press('Enter');
  }
  await page.waitForFunction(() => window.filteredAt !== undefined, undefined, { polling: 20 });
  const effect = enter ? Date.now() - pressed : await page.evaluate(() => window.filteredAt);
  await page.locator('html[data-ready]').waitFor();
  const kept = await search.inputValue();
  await context.close();
  return { early, effect, kept: kept === 'nightly' };
}

async function rowsLaidOut(browser, state, address) {
  const { context, page } = await slowPhone(browser, state);
  // Nothing is asked of the page before it has loaded: Playwright's own script is 330 kB, and compiling it holds up the page that it is to measure.
  await page.goto(address, { waitUntil: 'load' });
  await page.waitForFunction(() => window.rowsAt !== undefined, undefined, { polling: 20 });
  const at = await page.evaluate(() => window.rowsAt);
  await context.close();
  return at;
}

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const sum = list => list.reduce((total, { size }) => total + size, 0);
const kB = n => (n / 1000).toFixed(1);
const repeat = async work => {
  const results = [];
  for (let i = 0; i < RUNS; i++) results.push(await work());
  return results;
};

const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: [...root, ...quiet] });
try {
  const console_ = await serve();
  const address = `${console_.origin}/w/acme/tokens`;
  const state = await signIn(browser, console_);

  const { first, again } = await visits(browser, state, address);
  const wasm = first.filter(({ url }) => url.endsWith('.wasm'));
  console.log('| bytes of the token page, in brotli, with headers | kB | at most |\n|---|---|---|');
  console.log(`| first visit, everything | ${kB(sum(first))} | 130 |`);
  console.log(`| of it WebAssembly | ${kB(sum(wasm))} | 105 |`);
  const others = again.filter(({ url }) => url !== address);
  console.log(`| repeated visit: the HTML, and ${others.length} other files | ${kB(sum(again))} | HTML only |\n`);

  const rows = median(await repeat(() => rowsLaidOut(browser, state, address)));
  const typing = await repeat(() => typed(browser, state, address, false));
  const enter = await repeat(() => typed(browser, state, address, true));
  const early = [...typing, ...enter].filter(run => run.early);
  const kept = early.filter(run => run.kept).length;
  console.log(`| slow phone (4x CPU, 1.6 Mbit/s, 150 ms), medians of ${RUNS} | ms | at most |\n|---|---|---|`);
  console.log(`| rows laid out, from the start of the navigation | ${rows.toFixed(0)} | 470 |`);
  console.log(
    `| a filter typed as early as possible has taken effect, by typing alone | ${median(typing.map(r => r.effect)).toFixed(0)} | 1400 |`,
  );
  console.log(`| the same by Enter, from the key on | ${median(enter.map(r => r.effect)).toFixed(0)} | one page |`);
  console.log(
    `\nIn ${early.length} of ${2 * RUNS} runs the text came before the islands were alive; it was kept in ${kept} of them.`,
  );
} finally {
  await browser.close();
  for (const child of started) child.kill();
}
