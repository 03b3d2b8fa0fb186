// Actions of an admin on the console's pages that several tests use. Everything is located by role and name, except the
// field for an access token, which is located by its label.

import { type APIResponse, type Locator, type Page, type Response, expect } from '@playwright/test';

import { type Console, WORKSPACE_NAME } from './console.ts';
import type { DemoWorkspace, LogEntry, Person } from './demo-workspace.ts';
import { TOKENS_PATH } from './paths.ts';

export const SIGN_IN_METHODS = ['OAuth', 'PAT'] as const;
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];

/** Signs in on the sign-in page, which must be open. */
export async function signIn(
  page: Page,
  workspace: DemoWorkspace,
  method: SignInMethod,
  person: Person = workspace.admin,
): Promise<void> {
  if (method === 'OAuth') {
    await page.getByRole('link', { name: 'Sign in with Databricks' }).click();
    await page.getByRole('button', { name: `Sign in as ${person.display_name}` }).click();
  } else {
    await page.getByLabel('Access token').fill(person.pat);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
}

/** The button that opens the menu of the person who is signed in. */
export function accountButton(page: Page): Locator {
  return page.getByRole('button', { name: /account menu$/ });
}

/** Opens the menu of the person who is signed in, and signs out. */
export async function signOut(page: Page): Promise<void> {
  await accountButton(page).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
}

/** Signs the admin in to acme-staging, in addition to other workspaces. */
export async function signInToStaging(page: Page, workspace: DemoWorkspace): Promise<void> {
  await page.goto('/sign-in?next=/w/acme-staging/tokens');
  const form = page.getByRole('region', { name: 'acme-staging' });
  await form.getByLabel('Access token').fill(workspace.admin.pat);
  await form.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(/\/w\/acme-staging\/tokens/);
}

/** Opens a page of the console through the sign-in page. */
export async function openSignedIn(
  page: Page,
  workspace: DemoWorkspace,
  path: string,
  method: SignInMethod = 'OAuth',
): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await signIn(page, workspace, method);
  await expect(accountButton(page)).toBeVisible();
}

/** Sends a form to a server function, as a browser without JavaScript does, and follows no redirect. */
export async function postForm(
  page: Page,
  console: Console,
  path: string,
  form: Record<string, string>,
): Promise<APIResponse> {
  return page.request.post(path, {
    form: { workspace: WORKSPACE_NAME, ...form },
    headers: { accept: 'text/html', origin: console.url },
    maxRedirects: 0,
  });
}

/** Signs the admin in with a personal access token, without opening a page. */
export async function signInAsAdmin(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  const response = await postForm(page, console, '/api/sign_in/with_token', { token: workspace.admin.pat, next: '' });
  expect(response.headers()['location']).toBe(TOKENS_PATH);
}

/** Signs the admin in with a personal access token, and opens a page of the console. */
export async function openAsAdmin(
  page: Page,
  workspace: DemoWorkspace,
  console: Console,
  path: string,
): Promise<Response | null> {
  await signInAsAdmin(page, workspace, console);
  return page.goto(path);
}

/** The row of a token in the list. */
export function tokenRow(page: Page, comment: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name: comment, exact: true }) });
}

/** The switch for personal access tokens on the settings page. */
export function tokenSwitch(page: Page): Locator {
  return page.getByRole('switch', { name: 'Personal Access Tokens' });
}

/** The message that an action succeeded. Other status elements say how many tokens match, or what is running. */
export function statusMessage(page: Page): Locator {
  return page.locator('#status-message');
}

/** The calls that the workspace received, by method and the beginning of the path. */
export async function calls(workspace: DemoWorkspace, method: string, pathPrefix: string): Promise<LogEntry[]> {
  return (await workspace.log()).filter(entry => entry.method === method && entry.path.startsWith(pathPrefix));
}

/** The search field above the list of tokens. */
export function searchField(page: Page) {
  return page.getByRole('searchbox', { name: 'Search by comment, owner or ID' });
}

/** The message with the number of matching tokens. */
export function resultCount(page: Page) {
  return page.getByRole('status').filter({ hasText: /tokens?$/ });
}
