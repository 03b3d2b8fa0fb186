// What every browser test imports instead of '@playwright/test'. Each worker has a demo workspace, which is reset to
// its seed before each test. Each test has a new console, since a console's snapshot of the workspace, its sign-in
// limits and its data would otherwise leak from one test into the next.
//
// Every test fails on any error or warning in the browser's console, any uncaught error of a page, and any panic of the
// server.

import { type BrowserContext, type Page, test as base } from '@playwright/test';

import { Console } from './console.ts';
import { DemoWorkspace } from './demo-workspace.ts';
import { keepMissingCommandFrom } from './firefox.ts';
import type { DatabaseChoice } from './shared-database.ts';

/** Chosen by a project of `postgres.config.ts`. */
export interface DatabaseOption {
  database: DatabaseChoice;
}

interface TestFixtures extends DatabaseOption {
  /** Further arguments of `pat-console serve`: `test.use({ consoleArguments: ['--read-only'] })`. */
  consoleArguments: string[];
  /**
   * A configuration file, instead of flags for the one workspace. {URL}, {OAUTH}, {NON_ADMIN}, {READER} and
   * {READER_SECRET} are replaced by the demo workspace's values.
   */
  consoleConfig: string;
  console: Console;
}

interface WorkerFixtures {
  /**
   * Arguments of `demo-workspace`: `test.use({ workspaceArguments: ['--tokens', '0'] })`. By default it is a small
   * company with four pages of tokens.
   */
  workspaceArguments: string[];
  runningWorkspace: DemoWorkspace;
}

interface ResetWorkspace {
  workspace: DemoWorkspace;
}

/** So few tokens that the list is one page, which contains every curated comment. */
export const ONE_PAGE_OF_TOKENS = ['--tokens', '30', '--users', '60'];

export const test = base.extend<TestFixtures & ResetWorkspace, WorkerFixtures>({
  browser: [
    async ({ browser, browserName }, use) => {
      if (browserName === 'firefox') keepMissingCommandFrom(browser);
      await use(browser);
    },
    { scope: 'worker' },
  ],

  workspaceArguments: [['--tokens', '160', '--users', '60'], { option: true, scope: 'worker' }],
  runningWorkspace: [
    async ({ workspaceArguments }, use) => {
      const workspace = await DemoWorkspace.start(workspaceArguments);
      await use(workspace);
      await workspace.stop();
    },
    { scope: 'worker' },
  ],
  workspace: async ({ runningWorkspace }, use) => {
    await runningWorkspace.reset();
    await use(runningWorkspace);
  },

  database: ['SQLite', { option: true }],
  consoleArguments: [[], { option: true }],
  consoleConfig: ['', { option: true }],
  console: async ({ workspace, consoleArguments, consoleConfig, database }, use, testInfo) => {
    const console = await Console.start(workspace, consoleArguments, consoleConfig, database);
    await use(console);
    await console.stop();
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('console.log', { body: console.log, contentType: 'text/plain' });
    }
    if (console.log.includes('panicked at')) throw new Error(`the console panicked:\n${console.log}`);
  },
  baseURL: async ({ console }, use) => use(console.url),

  context: async ({ context }, use) => {
    const errors = collectConsoleErrors(context);
    await use(context);
    if (errors.length > 0) throw new Error(`errors or warnings in the browser:\n${errors.join('\n')}`);
  },
});

export { expect } from '@playwright/test';

/**
 * The tag of a test that mostly waits and takes equally long on any machine. Such tests run one at a time, in parallel
 * with the others (playwright.config.ts).
 */
export const TIMING_SENSITIVE = '@timing-sensitive';

/**
 * Chromium itself reports every error response, and tests provoke such responses. It also reports the WebAssembly that
 * was preloaded for nothing when scripts are disabled.
 */
const IGNORED_CONSOLE_MESSAGES = /^Failed to load resource|was preloaded using link preload but not used/;

/**
 * Chromium reports the first three when it shows a page without the transition to it (`@view-transition`): because the
 * next page follows before the transition begins, or because the page is already visible. That can happen on any page,
 * and does no harm. Firefox reports the last one when someone leaves a page while its WebAssembly is still loading.
 */
const IGNORED_PAGE_ERRORS = [
  'AbortError: Transition was skipped',
  'InvalidStateError: Transition was aborted because of invalid state. Page already revealed',
  'InvalidStateError: Transition was aborted because of invalid state. ViewTransition opt-in disabled',
  'TypeError: NetworkError when attempting to fetch resource.',
];

/**
 * Collects the errors and warnings of a context's pages. The fixtures do this for `context` and `page`; a test that
 * opens further contexts calls it for them, and expects the list to be empty at the end.
 */
export function collectConsoleErrors(context: BrowserContext): string[] {
  const errors: string[] = [];
  context.on('console', message => {
    if (['error', 'warning'].includes(message.type()) && !IGNORED_CONSOLE_MESSAGES.test(message.text())) {
      errors.push(`${message.text()} (${message.location().url})`);
    }
  });
  context.on('weberror', error => {
    const { name, message, stack } = error.error();
    if (IGNORED_PAGE_ERRORS.includes(`${name}: ${message}`)) return;
    errors.push(stack || `${name}: ${message}`);
  });
  return errors;
}

/**
 * Waits until the islands of the page are hydrated. Pages work before that, too, so only tests of an island need it.
 */
export async function waitForHydration(page: Page): Promise<void> {
  await page.locator('html[data-ready]').waitFor({ state: 'attached' });
}
