// A state of a page, and the steps that lead to it.

import type { Page } from '@playwright/test';

import { openAsAdmin, openSignedIn, postForm, signInAsAdmin } from './console-page.ts';
import type { Console } from './console.ts';
import { type DemoWorkspace, jsonError } from './demo-workspace.ts';
import { expect } from './fixtures.ts';
import { ACTIVITY_PATH, CONF_API, FIND_LEAKED_PATH, TOKENS_API, TOKENS_PATH } from './paths.ts';
import type { Problem } from './problems.ts';

export interface PageState {
  /** The title of its test. */
  name: string;
  /** The problem that takes up the whole page, or that the sign-in page shows. */
  problem?: Problem;
  /** The HTTP status of the page. */
  status: number;
  /** The page's h1. */
  heading: string;
  /** The document's title, without the workspace and the console's name. */
  title: string;
  /** Text that the page contains in addition. */
  text?: string | RegExp;
  /** Creates the state and returns the path of the page that shows it. */
  reach(page: Page, workspace: DemoWorkspace, console: Console): Promise<string>;
}

/** A page in its normal state, for an admin who is signed in with a personal access token. */
export function openPath(path: string): PageState['reach'] {
  return async (page, workspace, console) => {
    await signInAsAdmin(page, workspace, console);
    return path;
  };
}

/** A page while the workspace settings cannot be read. */
export function openWithoutSettings(path: string): PageState['reach'] {
  return async (page, workspace, console) => {
    await signInAsAdmin(page, workspace, console);
    await workspace.addFault({
      path: CONF_API,
      times: 'forever',
      effect: { kind: 'missing_scope', scope: 'settings' },
    });
    return path;
  };
}

/** Creates a token and returns the path of its page. */
export async function createExampleToken(workspace: DemoWorkspace): Promise<string> {
  const { token_id } = await workspace.createToken({
    owner: workspace.otherAdmin.user_name,
    comment: 'example token',
    lifetime_days: 40,
  });
  return `${TOKENS_PATH}/${token_id}`;
}

/** Creates two tokens, selects them and opens the review. Returns its path. */
export async function reviewTwoTokens(page: Page, workspace: DemoWorkspace, console: Console): Promise<string> {
  for (const comment of ['doomed 1', 'doomed 2']) {
    await workspace.createToken({ owner: workspace.otherAdmin.user_name, comment, lifetime_days: 40 });
  }
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=doomed`);
  await page.getByRole('button', { name: 'Select this page' }).click();
  await page.getByRole('button', { name: 'Review selected' }).click();
  return new URL(page.url()).pathname;
}

/** Makes some changes: a bulk revocation of which one token fails, a revocation, and one that is refused. */
export async function makeActivity(page: Page, workspace: DemoWorkspace, console: Console): Promise<void> {
  const review = await reviewTwoTokens(page, workspace, console);
  await workspace.addFault({
    method: 'DELETE',
    path: TOKENS_API,
    times: 1,
    effect: jsonError(400, 'INVALID_PARAMETER_VALUE'),
  });
  const job = review.split('/').pop() ?? '';
  await postForm(page, console, '/api/bulk_revocations/start', { job, typed: '2', reason: 'INC-42' });
  const { token_id: id } = await workspace.createToken({
    owner: workspace.nonAdmin.user_name,
    comment: 'Power BI refresh',
    lifetime_days: 40,
  });
  await postForm(page, console, '/api/tokens/comment', { id, comment: 'Power BI refresh, EMEA' });
  await postForm(page, console, '/api/tokens/revoke', { id, back: '/', reason: 'key seen in a public repository' });
  await postForm(page, console, '/api/settings/lifetime', { days: '90' });
  await postForm(page, console, '/api/settings/switch', { to: 'off', typed: 'acme-pord' });
  await expect(async () => {
    await page.goto(ACTIVITY_PATH);
    await expect(page.getByText('1 of 2 revoked, 1 failed')).toBeVisible({ timeout: 500 });
  }).toPass();
}

/** Revokes two tokens, of which the workspace refuses one. Returns the path of the bulk revocation. */
export async function failOneOfTwoTokens(page: Page, workspace: DemoWorkspace, console: Console): Promise<string> {
  const path = await reviewTwoTokens(page, workspace, console);
  const effect = jsonError(400, 'INVALID_PARAMETER_VALUE');
  await workspace.addFault({ method: 'DELETE', path: TOKENS_API, times: 1, effect });
  await page.getByRole('textbox', { name: 'Type 2 to confirm' }).fill('2');
  await page.getByRole('button', { name: 'Revoke 2 tokens' }).click();
  await page.getByRole('heading', { name: '1 of 2 tokens could not be revoked' }).waitFor();
  return path;
}

/** A token list with two invalid tokens, one of them without an ID. */
export async function listTwoUnreadableTokens(page: Page, workspace: DemoWorkspace, console: Console): Promise<string> {
  await signInAsAdmin(page, workspace, console);
  const rows = [
    { token_id: 'a'.repeat(64), comment: 'read', creation_time: 1_795_442_400_000 },
    { token_id: 'b'.repeat(64), creation_time: 'yesterday' },
    { comment: 'no id' },
  ];
  const body = { kind: 'raw', content_type: 'application/json', text: JSON.stringify({ token_infos: rows }) } as const;
  await workspace.addFault({
    method: 'GET',
    path: TOKENS_API,
    times: 'forever',
    effect: { kind: 'answer', status: 200, body },
  });
  await page.goto(TOKENS_PATH);
  await page.getByRole('button', { name: 'Refresh', exact: true }).click();
  return TOKENS_PATH;
}

/** A token that was opened from a list and, according to the workspace, does not use all of its scopes. */
export async function openTokenWithUnusedScopes(
  page: Page,
  workspace: DemoWorkspace,
  console: Console,
): Promise<string> {
  await signInAsAdmin(page, workspace, console);
  const path = await createExampleToken(workspace);
  const token_info = {
    token_id: path.split('/').at(-1),
    comment: 'example token',
    creation_time: Date.now() - 40 * 86_400_000,
    expiry_time: -1,
    last_used_day: Date.now() - 20 * 86_400_000,
    owner_id: 'OWNER',
    created_by_id: 'OWNER',
    scopes: ['all-apis'],
    autoscope_state: 'AUTOSCOPE_STATE_RUNNING',
    inferred_scopes: ['sql', 'files'],
  };
  // The ID exceeds the precision of JavaScript's numbers.
  const text = JSON.stringify({ token_info }).replaceAll('"OWNER"', String(workspace.otherAdmin.id));
  const body = { kind: 'raw', content_type: 'application/json', text } as const;
  const effect = { kind: 'answer', status: 200, body } as const;
  await workspace.addFault({ method: 'GET', path: `${TOKENS_API}/`, times: 'forever', effect });
  return `${path}?from=q%3Dexample`;
}

/** Signs in by OAuth, since a personal access token would stop working, and disables the workspace's tokens. */
export async function disableTokens(page: Page, workspace: DemoWorkspace): Promise<void> {
  await openSignedIn(page, workspace, FIND_LEAKED_PATH);
  await workspace.change({ change: 'set_conf', values: { enableTokensConfig: 'false' } });
}

/** Accepts a finding of the whole workspace, on the page of findings. */
export async function acceptFinding(page: Page, rule: string, reason: string): Promise<void> {
  const item = page.locator(`#${rule}`);
  await item.getByText('Accept…').click();
  await item.getByRole('textbox', { name: 'Reason' }).fill(reason);
  await item.getByRole('button', { name: /^Accept/ }).click();
  await expect(page.getByRole('status').getByText('is accepted for the whole workspace.')).toBeVisible();
}
