// Every page and state that a person may meet, as a table. What is checked of each is in tests/page-states.spec.ts and tests/phone.spec.ts.

import type { Page } from '@playwright/test';

import { BLOCKED, SIGN_IN } from './error-states.ts';
import type { Console } from './console.ts';
import { CONF_API, TOKENS_API, becomeAdmin, openAsAdmin, openSignedIn } from './console-page.ts';
import type { DemoWorkspace, Effect } from './demo-workspace.ts';
import type { Problem } from './problems.ts';

export interface PageState {
  /** What a test's title says. */
  name: string;
  /** The problem that is the whole page; or that the sign-in page tells, whose status is then the problem's. */
  problem?: Problem;
  status: number;
  /** The page's h1. */
  heading: string;
  /** The document's title before the workspace and the console's name. */
  title: string;
  /** Further words that must be there. */
  text?: string | RegExp;
  /** Brings the state about and answers where it is seen. */
  reach(page: Page, workspace: DemoWorkspace, console: Console): Promise<string>;
}

const ADVANCED = '/w/acme-prod/settings/advanced';
const FIND = '/w/acme-prod/find';
const PERMISSIONS = `${ADVANCED}/permissions`;
const TOKENS = '/w/acme-prod/tokens';
const UNKNOWN = 'f'.repeat(64);
/** A list of few rows, where the state is about what stands around it: axe takes its time for each row. */
const ONE_TOKEN = `${TOKENS}?q=laptop`;

/** A page seen by an admin who is signed in by token. */
function seen(path: string): PageState['reach'] {
  return async (page, workspace, console) => {
    await becomeAdmin(page, workspace, console);
    return path;
  };
}

async function someToken(workspace: DemoWorkspace): Promise<string> {
  const made = await workspace.createToken({
    owner: workspace.otherAdmin.user_name,
    comment: 'a token among pages',
    lifetime_days: 40,
  });
  return `${TOKENS}/${made.token_id}`;
}

/** Two tokens that were selected, to be reviewed. */
async function reviewed(page: Page, workspace: DemoWorkspace, console: Console): Promise<string> {
  for (const comment of ['doomed 1', 'doomed 2']) {
    await workspace.createToken({ owner: workspace.otherAdmin.user_name, comment, lifetime_days: 40 });
  }
  await openAsAdmin(page, workspace, console, `${TOKENS}?q=doomed`);
  await page.getByRole('button', { name: 'Select this page' }).click();
  await page.getByRole('button', { name: 'Review selected' }).click();
  return new URL(page.url()).pathname;
}

/** The list as a workspace sends it that got two tokens wrong, one of them so that its id is lost too. */
async function twoUnreadable(page: Page, workspace: DemoWorkspace, console: Console): Promise<string> {
  await becomeAdmin(page, workspace, console);
  const rows = [
    { token_id: 'a'.repeat(64), comment: 'read', creation_time: 1_795_442_400_000 },
    { token_id: 'b'.repeat(64), creation_time: 'yesterday' },
    { comment: 'no id' },
  ];
  const body = { kind: 'raw', content_type: 'application/json', text: JSON.stringify({ token_infos: rows }) } as const;
  await workspace.fault({
    method: 'GET',
    path: TOKENS_API,
    times: 'forever',
    effect: { kind: 'answer', status: 200, body },
  });
  await page.goto(TOKENS);
  await page.getByRole('button', { name: 'Refresh' }).click();
  return TOKENS;
}

async function switchedOff(page: Page, workspace: DemoWorkspace): Promise<void> {
  await openSignedIn(page, workspace, FIND);
  await workspace.change({ change: 'set_conf', values: { enableTokensConfig: 'false' } });
}

const PAGES: PageState[] = [
  {
    name: 'sign-in',
    status: 200,
    heading: 'Sign in',
    title: 'Sign in',
    reach: async () => '/sign-in',
  },
  {
    name: 'tokens, two of which could not be read',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: '2 tokens could not be read (rows 2, 3)',
    reach: twoUnreadable,
  },
  {
    name: 'tokens, with comments that are long, right to left or hostile',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: "<script>alert('xss')</script>",
    reach: seen(TOKENS),
  },
  {
    name: 'no token matches',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'No tokens match your filters',
    reach: seen(`${TOKENS}?q=zzz`),
  },
  {
    name: 'empty workspace',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'No tokens yet',
    reach: async (page, workspace) => {
      await openSignedIn(page, workspace, FIND);
      await workspace.change({ change: 'remove_all_tokens' });
      return TOKENS;
    },
  },
  {
    name: 'a token',
    status: 200,
    heading: 'a token among pages',
    title: 'Token ',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      return someToken(workspace);
    },
  },
  {
    name: 'form for a new token, with service principals to choose from',
    status: 200,
    heading: 'Create service principal token',
    title: 'Create service principal token',
    text: 'etl-nightly',
    reach: seen(`${TOKENS}/new?find=etl`),
  },
  {
    name: 'review of a new token for nobody that is known',
    status: 200,
    heading: 'Review new token',
    title: 'Review new token',
    text: 'No service principal with this application ID was found.',
    reach: seen(`${TOKENS}/new/review?sp=00000000-0000-0000-0000-000000000000&days=30&scopes=sql`),
  },
  {
    name: 'confirm of a change of scopes',
    status: 200,
    heading: 'Change scopes',
    title: 'Change scopes',
    text: 'The token loses scopes.',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      return `${await someToken(workspace)}/scopes?scopes=sql`;
    },
  },
  {
    name: 'a selection',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: /[1-9] selected/,
    reach: seen(`${ONE_TOKEN}&pick=page`),
  },
  {
    name: 'no jobs yet',
    status: 200,
    heading: 'Bulk revocations',
    title: 'Bulk revocations',
    text: 'No bulk revocations yet',
    reach: seen('/w/acme-prod/bulk-revocations'),
  },
  {
    name: 'review of a selection',
    status: 200,
    heading: 'Revoke 2 tokens',
    title: 'Revoke 2 tokens',
    text: 'Type 2 to confirm',
    reach: reviewed,
  },
  {
    name: 'a job of which a part failed',
    status: 200,
    heading: 'Revoke 2 tokens',
    title: 'Revoke 2 tokens',
    text: '1 of 2 tokens could not be revoked.',
    reach: async (page, workspace, console) => {
      const job = await reviewed(page, workspace, console);
      const refused: Effect = {
        kind: 'answer',
        status: 400,
        body: { kind: 'json_error', error_code: 'INVALID_PARAMETER_VALUE', message: 'no' },
      };
      await workspace.fault({ method: 'DELETE', path: TOKENS_API, times: 1, effect: refused });
      await page.getByRole('textbox', { name: 'Type 2 to confirm' }).fill('2');
      await page.getByRole('button', { name: 'Revoke 2 tokens' }).click();
      await page.getByText('1 of 2 tokens could not be revoked.').waitFor();
      return job;
    },
  },
  {
    name: 'a job that is not there',
    problem: 'BulkNotFound',
    status: 404,
    heading: 'Bulk revocation',
    title: 'Bulk revocation not found',
    reach: seen(`/w/acme-prod/bulk-revocations/${'0'.repeat(32)}`),
  },
  {
    name: 'activity',
    status: 200,
    heading: 'Activity',
    title: 'Activity',
    text: 'No activity yet',
    reach: seen('/w/acme-prod/activity'),
  },
  {
    name: 'permissions',
    status: 200,
    heading: 'Permissions',
    title: 'Permissions',
    text: 'Workspace admins always have access.',
    reach: seen(`${PERMISSIONS}?add=group:users&remove=group:analytics`),
  },
  {
    name: 'finding principals',
    status: 200,
    heading: 'Find users, groups and service principals',
    title: 'Find users, groups and service principals',
    text: 'data-platform',
    reach: seen(`${PERMISSIONS}/find?find=a`),
  },
  {
    name: 'review of a change of permissions, begun on another list',
    status: 200,
    heading: 'Review changes',
    title: 'Review changes',
    text: 'Nothing was saved',
    reach: seen(`${PERMISSIONS}/review?opened=0&add=group:users&remove=group:analytics`),
  },
  {
    name: 'review of a change of permissions',
    status: 200,
    heading: 'Review changes',
    title: 'Review changes',
    text: 'Who loses access',
    reach: async (page, workspace, console) => {
      await openAsAdmin(page, workspace, console, PERMISSIONS);
      await page.getByRole('checkbox', { name: 'Remove analytics' }).check();
      await page.getByRole('button', { name: 'Review changes' }).click();
      const { pathname, search } = new URL(page.url());
      return pathname + search;
    },
  },
  {
    name: 'confirm of a revocation',
    status: 200,
    heading: 'Revoke “a token among pages”',
    title: 'Revoke “a token among pages”',
    text: 'This cannot be undone.',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      return `${await someToken(workspace)}/revoke`;
    },
  },
  {
    name: 'confirm of a revocation of a token that is gone',
    problem: 'TokenNotFound',
    status: 404,
    heading: 'Revoke token',
    title: 'Token not found',
    text: 'No action is needed.',
    reach: seen(`${TOKENS}/${UNKNOWN}/revoke`),
  },
  {
    name: 'find a leaked token',
    status: 200,
    heading: 'Find a leaked token',
    title: 'Find a leaked token',
    reach: seen(FIND),
  },
  {
    name: 'a leaked value that is no token',
    problem: 'TokenNotFound',
    status: 404,
    heading: 'Token',
    title: 'Token not found',
    text: 'too old to be found by value',
    reach: seen(`${TOKENS}/${UNKNOWN}?from=leak`),
  },
  {
    name: 'settings',
    status: 200,
    heading: 'Settings',
    title: 'Settings',
    text: 'Maximum lifetime',
    reach: seen(ADVANCED),
  },
  {
    name: 'settings with a lifetime that cannot be',
    status: 200,
    heading: 'Settings',
    title: 'Settings',
    text: 'whole number',
    reach: seen(`${ADVANCED}?lifetime=soon`),
  },
  {
    name: 'confirm of switching off, by token',
    status: 200,
    heading: 'Disable personal access tokens in acme-prod',
    title: 'Disable personal access tokens in acme-prod',
    text: 'You will be signed out, because you use a personal access token.',
    reach: seen(`${ADVANCED}/switch?to=off`),
  },
  {
    name: 'confirm of switching on',
    status: 200,
    heading: 'Enable personal access tokens in acme-prod',
    title: 'Enable personal access tokens in acme-prod',
    text: 'work again',
    reach: async (page, workspace) => {
      await switchedOff(page, workspace);
      return `${ADVANCED}/switch?to=on`;
    },
  },
  {
    name: 'tokens switched off',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'No token works until they are enabled again in Settings.',
    reach: async (page, workspace) => {
      await switchedOff(page, workspace);
      return ONE_TOKEN;
    },
  },
  {
    name: 'settings of a workspace with tokens switched off',
    status: 200,
    heading: 'Settings',
    title: 'Settings',
    text: 'No token works until they are enabled again in Settings.',
    reach: async (page, workspace) => {
      await switchedOff(page, workspace);
      return ADVANCED;
    },
  },
  {
    name: "owners' names could not be read",
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'Owner names are unavailable.',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      const effect: Effect = {
        kind: 'answer',
        status: 403,
        body: { kind: 'json_error', error_code: 'PERMISSION_DENIED', message: 'no' },
      };
      await workspace.fault({ path: '/api/2.0/preview/scim/v2/', times: 'forever', effect });
      return ONE_TOKEN;
    },
  },
  {
    name: 'policy could not be read',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'Could not read the workspace settings.',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      await workspace.fault({ path: CONF_API, times: 'forever', effect: { kind: 'missing_scope', scope: 'settings' } });
      return ONE_TOKEN;
    },
  },
  {
    name: 'another address',
    problem: 'PageNotFound',
    status: 404,
    heading: 'Not found',
    title: 'Page not found',
    reach: async () => '/w/acme-prod/nothing-here',
  },
  {
    name: 'a workspace that is not configured',
    problem: 'UnknownWorkspace',
    status: 404,
    heading: 'Personal access tokens',
    title: 'Workspace not found',
    reach: async () => '/w/nowhere/tokens',
  },
  {
    name: 'a token that the workspace does not have',
    problem: 'TokenNotFound',
    status: 404,
    heading: 'Token',
    title: 'Token not found',
    reach: seen(`${TOKENS}/${UNKNOWN}`),
  },
];

export const PAGE_STATES: PageState[] = [...PAGES, ...BLOCKED, ...SIGN_IN];
