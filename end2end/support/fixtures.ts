// What every browser test imports instead of '@playwright/test': a demo workspace for each worker, set back to its seed before each test, and for each test a
// console that has seen nothing yet (its snapshot of the workspace, its sign-in limits and its data would else reach from one test into the next).
//
// A test fails on any error or warning in the browser's console, any uncaught error of a page, and any panic of the server, whatever else it checks.

import { type BrowserContext, type Page, test as base } from '@playwright/test';

import { Console } from './console.ts';
import { DemoWorkspace } from './demo-workspace.ts';

interface TestFixtures {
  /** Further arguments of `pat-console serve`: `test.use({ consoleArguments: ['--read-only'] })`. */
  consoleArguments: string[];
  /** A configuration file instead of the one workspace; {URL}, {OAUTH}, {NON_ADMIN}, {READER} and {READER_SECRET} stand for what the demo workspace has. */
  consoleConfig: string;
  console: Console;
}

interface WorkerFixtures {
  /** Arguments of `demo-workspace`: `test.use({ workspaceArguments: ['--tokens', '0'] })`. Without, it is a small company: four pages of tokens. */
  workspaceArguments: string[];
  runningWorkspace: DemoWorkspace;
}

interface ResetWorkspace {
  workspace: DemoWorkspace;
}

export const test = base.extend<TestFixtures & ResetWorkspace, WorkerFixtures>({
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

  consoleArguments: [[], { option: true }],
  consoleConfig: ['', { option: true }],
  console: async ({ workspace, consoleArguments, consoleConfig }, use, testInfo) => {
    const console = await Console.start(workspace, consoleArguments, consoleConfig);
    await use(console);
    await console.stop();
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('console.log', { body: console.log, contentType: 'text/plain' });
    }
    if (console.log.includes('panicked at')) throw new Error(`the console panicked:\n${console.log}`);
  },
  baseURL: async ({ console }, use) => use(console.url),

  context: async ({ context }, use) => {
    const complaints = watch(context);
    await use(context);
    if (complaints.length > 0) throw new Error(`the browser complained:\n${complaints.join('\n')}`);
  },
});

export { expect } from '@playwright/test';

/** The tag of a test that lasts as long on any machine: such tests run beside the others, one at a time (playwright.config.ts). */
export const BY_THE_CLOCK = '@by-the-clock';

/** Chromium says so itself of each answer that is an error, and tests provoke such answers; and of the WebAssembly, which nothing uses where scripts are off. */
const EXPECTED = /^Failed to load resource|was preloaded using link preload but not used/;

/**
 * What Chromium reports where it shows a page without the transition to it (`@view-transition`): the next page follows before it has begun, or the page stands
 * already when it would. It happens now and then on any page, which is shown all the same.
 */
const LEFT_OUT = [
  'AbortError: Transition was skipped',
  'InvalidStateError: Transition was aborted because of invalid state. Page already revealed',
  'InvalidStateError: Transition was aborted because of invalid state. ViewTransition opt-in disabled',
];

/**
 * Collects what goes wrong in a context's pages, and what the browser warns of. The `context` and `page` of a test are watched already; a test that makes
 * further contexts watches them and expects the list to be empty.
 */
export function watch(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('console', message => {
    if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text())) {
      complaints.push(`${message.text()} (${message.location().url})`);
    }
  });
  context.on('weberror', error => {
    const { name, message, stack } = error.error();
    if (LEFT_OUT.includes(`${name}: ${message}`)) return;
    complaints.push(stack || `${name}: ${message}`);
  });
  return complaints;
}

/** Waits until the islands of the page are alive. What is done before that must work too, so this belongs only where a test is about an island. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator('html[data-ready]').waitFor({ state: 'attached' });
}
