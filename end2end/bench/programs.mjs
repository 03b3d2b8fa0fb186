// Starts the programs that are measured, and signs in.

import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const processes = [];

export function stopPrograms() {
  for (const child of processes) child.kill();
}

/** Starts a program and returns its first line of output. */
function start(program, args, environment = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...environment } });
  processes.push(child);
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', code => reject(new Error(`${program} ${args[0]} ended with status ${code}`)));
  });
}

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a demo workspace and returns its URLs and credentials. */
export async function startWorkspace() {
  return JSON.parse(await start(process.env.DEMO_WORKSPACE_BIN, ['--port', '0', '--control-port', '0']));
}

/** Makes the workspace reject all calls for the names of users and service principals. */
export async function refuseNames(workspace) {
  const body = { kind: 'json_error', error_code: 'PERMISSION_DENIED', message: 'no' };
  for (const list of ['Users', 'ServicePrincipals']) {
    const path = `/api/2.0/preview/scim/v2/${list}`;
    const response = await fetch(`${workspace.control_url}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path, times: 'forever', effect: { kind: 'answer', status: 403, body } }),
    });
    if (!response.ok) throw new Error(`the demo workspace accepts no faults: ${response.status}`);
  }
}

/** Starts a console for the workspace, waits until it is ready, and returns its origin. */
export async function startConsole(workspace) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'pat-console-bench-'));
  // Its output does not matter: the loop below waits until it is ready.
  start(process.env.PAT_CONSOLE_BIN, [
    ...['serve', '--listen', `127.0.0.1:${port}`, '--public-url', origin],
    ...['--data-dir', dataDir, '--workspace', `acme=${workspace.url}`],
  ]).catch(() => undefined);
  for (;;) {
    const ready = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (ready?.ok) return origin;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** Starts a console whose process also serves the files of a folder, unchanged, below `/files/`. */
export async function startConsoleWithFiles(workspace, folder) {
  const args = ['serve', '--workspace', workspace.url, '--files', folder];
  return start(process.env.BENCH_BIN, args, { BENCH_TOKEN: workspace.admin.pat });
}

/** Signs the admin in. Returns the state of a browser with a cached style sheet, according to its cookies. */
export async function signIn(browser, origin, workspace) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel('Access token').fill(workspace.admin.pat);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page
    .getByRole('table')
    .waitFor()
    .catch(async () => {
      throw new Error(`no tokens after the sign-in, but: ${await page.locator('body').innerText()}`);
    });
  // The list has it cached when someone moves to a link, a while after loading.
  await page.locator('html[data-settled]').waitFor();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).focus();
  await page.waitForFunction(() => document.cookie.includes('styles'));
  const state = await context.storageState();
  await context.close();
  return state;
}
