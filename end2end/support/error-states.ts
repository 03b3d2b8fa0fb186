// States in which a page is nothing but the reason why it shows nothing, and what the sign-in page tells.

import { TOKENS_API, becomeAdmin } from './console-page.ts';
import type { Body, Effect } from './demo-workspace.ts';
import type { PageState } from './page-states.ts';
import { type Problem, failureCode } from './problems.ts';

const TOKENS = '/w/acme-prod/tokens';

/** States in which the workspace answers an admin's list by an error, and nothing else is shown. */
function blocked(
  problem: Problem,
  status: number,
  title: string,
  path: string,
  effect: Effect,
  text?: string | RegExp,
): PageState {
  return {
    name: `blocked: ${title}`,
    problem,
    status,
    heading: 'Personal access tokens',
    title,
    text,
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      await workspace.fault({ path, times: 'forever', effect });
      return TOKENS;
    },
  };
}

function answer(status: number, body: Body): Effect {
  return { kind: 'answer', status, body };
}

export const BLOCKED: PageState[] = [
  {
    name: 'blocked: not an admin any more',
    problem: 'NotAdmin',
    status: 403,
    heading: 'Personal access tokens',
    title: 'Only workspace admins can do this',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      await workspace.change({ change: 'remove_admin', user_name: workspace.admin.user_name });
      return TOKENS;
    },
  },
  {
    name: 'blocked: a tier without token management',
    problem: 'FeatureOff',
    status: 200,
    heading: 'Personal access tokens',
    title: 'This workspace has no token management',
    text: 'Premium',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      await workspace.change({ change: 'set_knobs', knobs: { tier: 'standard' } });
      return TOKENS;
    },
  },
  {
    name: 'blocked: nothing listens at the address',
    problem: 'Unreachable',
    status: 502,
    heading: 'Personal access tokens',
    title: 'This workspace cannot be reached',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      await workspace.fault({ path: '/', times: 'forever', effect: { kind: 'reset' } });
      return TOKENS;
    },
  },
  blocked(
    'Html',
    502,
    'A web page answered instead of the workspace',
    TOKENS_API,
    answer(200, { kind: 'html', message: 'Welcome' }),
  ),
  blocked('Redirected', 502, "The workspace's address leads elsewhere", TOKENS_API, {
    kind: 'redirect',
    location: 'https://login.example/',
  }),
  blocked('Undecodable', 502, "The workspace's answer could not be understood", TOKENS_API, { kind: 'wrong_types' }),
  blocked(
    'WorkspaceFailed',
    502,
    'The workspace reported a failure of its own',
    TOKENS_API,
    answer(500, { kind: 'json_error', error_code: 'INTERNAL_ERROR', message: 'not for show' }),
    'status 500',
  ),
  blocked(
    'Refused',
    400,
    'The workspace refused the request',
    TOKENS_API,
    answer(400, { kind: 'json_error', error_code: 'INVALID_PARAMETER_VALUE', message: 'not for show' }),
  ),
  // Longer than any interactive call waits, so it is shown at once.
  blocked(
    'RateLimited',
    503,
    'The workspace limits requests at the moment',
    TOKENS_API,
    { kind: 'rate_limit', retry_after: { seconds: 300 } },
    '300 seconds',
  ),
  blocked(
    'ScopeMissing',
    403,
    'Your credential lacks a scope',
    TOKENS_API,
    { kind: 'missing_scope', scope: 'authentication' },
    'access-management',
  ),
  blocked('IpBlocked', 403, "The workspace blocks this console's network", TOKENS_API, { kind: 'ip_access_list' }),
  blocked(
    'TokensNotAllowed',
    403,
    'Your account may not use tokens',
    TOKENS_API,
    answer(403, { kind: 'integer_error_code', message: 'User does not have permission to use tokens.' }),
  ),
  blocked(
    'TokensDisabled',
    200,
    'Personal access tokens are switched off',
    TOKENS_API,
    answer(404, { kind: 'json_error', error_code: 'FEATURE_DISABLED', message: 'Tokens are disabled.' }),
  ),
];

/** Problems that the sign-in page tells, by their code in the address. */
function atSignIn(problem: Problem, status: number, text: string, code: unknown = problem): PageState {
  return {
    name: `sign-in: ${text}`,
    problem,
    status,
    heading: 'Sign in',
    title: 'Sign in',
    text,
    reach: async () => `/sign-in?__err=${failureCode(code)}`,
  };
}

export const SIGN_IN: PageState[] = [
  atSignIn('OAuthNotConfigured', 404, 'Signing in with Databricks is not set up here'),
  atSignIn('OAuthRefused', 403, 'Databricks refused the sign-in'),
  atSignIn('OAuthCancelled', 400, 'Sign-in was cancelled'),
  atSignIn('OAuthStateLost', 400, 'This sign-in was not started here'),
  atSignIn('NoAccessToken', 400, 'No access token was entered'),
  atSignIn('TooManyTries', 429, 'Too many sign-in tries', { TooManyTries: { seconds: 7 } }),
  atSignIn('BadCredential', 401, 'The workspace did not accept the credential'),
];
