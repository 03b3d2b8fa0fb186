// The states of the pages of a bulk change of scopes, for support/page-states.ts: reviews, progress and result.

import type { Page } from '@playwright/test';

import { openAsAdmin, postForm } from './console-page.ts';
import type { Console } from './console.ts';
import { type DemoWorkspace, jsonError } from './demo-workspace.ts';
import { expect } from './fixtures.ts';
import { SCOPES_PATH, TOKENS_API } from './paths.ts';
import type { PageState } from './states.ts';

type Context = [page: Page, workspace: DemoWorkspace, console: Console];

/** Creates observed tokens with full access, and opens the review of a change of all of them. Returns their IDs. */
async function reviewWideTokens(
  [page, workspace, console]: Context,
  button: 'Narrow to proposed' | 'Keep current scopes',
  count: number,
): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= count; number++) {
    const { token_id } = await workspace.createToken({
      owner: workspace.otherAdmin.user_name,
      comment: `wide ${number}, of a pipeline with a long name`,
      created_days_ago: 10,
      lifetime_days: 300,
      used_days_ago: 0,
      scopes: ['all-apis'],
      autoscope: 'AUTOSCOPE_STATE_RUNNING',
      inferred_scopes: ['sql', 'unity-catalog'],
    });
    ids.push(token_id);
  }
  await openAsAdmin(page, workspace, console, SCOPES_PATH);
  await page
    .getByRole('button', { name: new RegExp(`^${button}`) })
    .first()
    .click();
  await page.getByText('Only these').waitFor();
  return ids;
}

/** Starts the change that is being reviewed, and opens its page once it shows this heading. Returns its path. */
async function start([page, , console]: Context, typed: string, heading: string): Promise<string> {
  const path = new URL(page.url()).pathname;
  await postForm(page, console, '/api/bulk_revocations/start', { job: path.split('/').pop() ?? '', typed });
  await expect(async () => {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible({ timeout: 500 });
  }).toPass();
  return path;
}

/** Narrows two tokens, of which the workspace refuses one. Returns the path of the page with the result. */
async function failOneOfTwo(context: Context): Promise<string> {
  const [token] = await reviewWideTokens(context, 'Narrow to proposed', 2);
  const effect = jsonError(400, 'INVALID_PARAMETER_VALUE');
  await context[1].addFault({ method: 'PATCH', path: `${TOKENS_API}/${token}`, times: 'forever', effect });
  return start(context, '2', '1 of 2 tokens could not be changed');
}

export const BULK_SCOPES_STATES: PageState[] = [
  {
    name: 'review of narrowing scopes, with a token that has changed since',
    status: 200,
    heading: 'Narrow the scopes of 2 tokens',
    title: 'Narrow the scopes of 2 tokens',
    text: '1 token has changed since the selection.',
    reach: async (...context) => {
      const [token_id = ''] = await reviewWideTokens(context, 'Narrow to proposed', 3);
      const [page, workspace, console] = context;
      await workspace.change({ change: 'set_scopes', token_id, scopes: ['files'] });
      await postForm(page, console, '/api/tokens/refresh', { back: '/' });
      return new URL(page.url()).pathname;
    },
  },
  {
    name: 'review of keeping scopes',
    status: 200,
    heading: 'Keep the scopes of 2 tokens',
    title: 'Keep the scopes of 2 tokens',
    text: 'Full access may be refused for 2 tokens',
    reach: async (...context) => {
      await reviewWideTokens(context, 'Keep current scopes', 2);
      return new URL(context[0].url()).pathname;
    },
  },
  {
    name: 'bulk change of scopes that is not confirmed yet',
    status: 200,
    heading: 'Bulk change of scopes: 2 of 2 tokens processed',
    title: '(2/2) Bulk change of scopes',
    text: '1 token is not confirmed yet',
    reach: async (...context) => {
      const [token] = await reviewWideTokens(context, 'Narrow to proposed', 2);
      const effect = { kind: 'ignore' } as const;
      await context[1].addFault({ method: 'PATCH', path: `${TOKENS_API}/${token}`, times: 'forever', effect });
      return start(context, '2', 'Bulk change of scopes: 2 of 2 tokens processed');
    },
  },
  {
    name: 'bulk change of scopes with a failed token',
    status: 200,
    heading: '1 of 2 tokens could not be changed',
    title: '1 of 2 tokens could not be changed',
    text: 'Scopes set',
    reach: async (...context) => failOneOfTwo(context),
  },
  {
    name: 'review of putting scopes back',
    status: 200,
    heading: 'Put back the scopes of 1 token',
    title: 'Put back the scopes of 1 token',
    text: 'This widens 1 token.',
    reach: async (...context) => {
      await failOneOfTwo(context);
      const [page] = context;
      await page.getByRole('button', { name: /^Put back/ }).click();
      await page.getByRole('heading', { level: 1, name: 'Put back the scopes of 1 token' }).waitFor();
      return new URL(page.url()).pathname;
    },
  },
];
