// What a person does on the console's pages, where more than one test does it. Everything is found by role and name; a password field has no role, so it is
// found by its label.

import { type Locator, type Page, type Response, expect } from '@playwright/test';

import { type Console, WORKSPACE_NAME } from './console.ts';
import type { DemoWorkspace, LogEntry, Person } from './demo-workspace.ts';

export const WAYS = ['OAuth', 'PAT'] as const;
export type Way = (typeof WAYS)[number];

/** Signs in on the sign-in page, which is shown. */
export async function signIn(
  page: Page,
  workspace: DemoWorkspace,
  way: Way,
  person: Person = workspace.admin,
): Promise<void> {
  if (way === 'OAuth') {
    await page.getByRole('link', { name: 'Sign in with Databricks' }).click();
    await page.getByRole('button', { name: `Sign in as ${person.display_name}` }).click();
  } else {
    await page.getByLabel('Access token').fill(person.pat);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
}

/** Goes to a page of the console by way of the sign-in. */
export async function openSignedIn(
  page: Page,
  workspace: DemoWorkspace,
  path: string,
  way: Way = 'OAuth',
): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await signIn(page, workspace, way);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
}

/** Signs in by token without a page, for tests that are about something else. */
export async function becomeAdmin(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  const answer = await page.request.post('/api/sign_in/with_token', {
    form: { workspace: WORKSPACE_NAME, token: workspace.admin.pat, next: '' },
    headers: { accept: 'text/html', origin: console.url },
    maxRedirects: 0,
  });
  expect(answer.headers()['location']).toBe(console.tokensPath);
}

/** The same, and goes to a page of the console. */
export async function openAsAdmin(
  page: Page,
  workspace: DemoWorkspace,
  console: Console,
  path: string,
): Promise<Response | null> {
  await becomeAdmin(page, workspace, console);
  return page.goto(path);
}

/** The row of a token in the list. */
export function tokenRow(page: Page, comment: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name: comment, exact: true }) });
}

/** The switch of the settings. */
export function tokenSwitch(page: Page): Locator {
  return page.getByRole('switch', { name: 'Personal Access Tokens' });
}

/** The result of an action, where it is good. */
export function said(page: Page): Locator {
  return page.getByRole('status').filter({ hasNotText: /^[\d,]+ (of [\d,]+ )?tokens?$/ });
}

/** The calls of one method whose path begins as told. */
export async function calls(workspace: DemoWorkspace, method: string, path: string): Promise<LogEntry[]> {
  return (await workspace.log()).filter(entry => entry.method === method && entry.path.startsWith(path));
}

export const TOKENS_API = '/api/2.0/token-management/tokens';
export const CONF_API = '/api/2.0/workspace-conf';
