// Pages that show only why they have nothing else to show, and the errors of the sign-in page.

import { TOKENS_API, becomeAdmin } from './console-page.ts';
import type { Body, Effect } from './demo-workspace.ts';
import type { PageState } from './page-states.ts';
import { type Problem, failureCode } from './problems.ts';

const TOKENS = '/w/acme-prod/tokens';

/** The workspace responds to an admin's list with an error, and nothing else is shown. */
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
    name: 'blocked: no longer an admin',
    problem: 'NotAdmin',
    status: 403,
    heading: 'Personal access tokens',
    title: 'You are not an admin of acme-prod',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      await workspace.change({ change: 'remove_admin', user_name: workspace.admin.user_name });
      return TOKENS;
    },
  },
  {
    name: 'blocked: a tier without token management',
    problem: 'TokenManagementUnavailable',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Token management is not available',
    text: 'Premium',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      await workspace.change({ change: 'set_knobs', knobs: { tier: 'standard' } });
      return TOKENS;
    },
  },
  {
    name: 'blocked: nothing listens at the URL',
    problem: 'Unreachable',
    status: 502,
    heading: 'Personal access tokens',
    title: 'Cannot connect to acme-prod',
    reach: async (page, workspace, console) => {
      await becomeAdmin(page, workspace, console);
      await workspace.fault({ path: '/', times: 'forever', effect: { kind: 'reset' } });
      return TOKENS;
    },
  },
  blocked(
    'UnexpectedWebPage',
    502,
    'Unexpected response from acme-prod',
    TOKENS_API,
    answer(200, { kind: 'html', message: 'Welcome' }),
  ),
  blocked('Redirected', 502, 'acme-prod redirects to another address', TOKENS_API, {
    kind: 'redirect',
    location: 'https://login.example/',
  }),
  blocked('UnreadableResponse', 502, 'Unreadable response from acme-prod', TOKENS_API, { kind: 'wrong_types' }),
  blocked(
    'WorkspaceFailed',
    502,
    'acme-prod is having problems (HTTP 500)',
    TOKENS_API,
    answer(500, { kind: 'json_error', error_code: 'INTERNAL_ERROR', message: 'not for show' }),
    'contact Databricks support',
  ),
  blocked(
    'Rejected',
    400,
    'acme-prod rejected the request',
    TOKENS_API,
    answer(400, { kind: 'json_error', error_code: 'INVALID_PARAMETER_VALUE', message: 'not for show' }),
  ),
  // Longer than any interactive call waits, so it is shown at once.
  blocked(
    'RateLimited',
    503,
    'Too many requests to acme-prod',
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
  blocked('IpBlocked', 403, "acme-prod blocks this console's network", TOKENS_API, { kind: 'ip_access_list' }),
  blocked(
    'TokensNotAllowed',
    403,
    'You do not have permission to use tokens',
    TOKENS_API,
    answer(403, { kind: 'integer_error_code', message: 'User does not have permission to use tokens.' }),
  ),
  blocked(
    'TokensDisabled',
    200,
    'Personal access tokens are disabled',
    TOKENS_API,
    answer(404, { kind: 'json_error', error_code: 'FEATURE_DISABLED', message: 'Tokens are disabled.' }),
  ),
];

/** Problems that the sign-in page shows, by their code in the URL. */
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
  atSignIn('OAuthNotConfigured', 404, 'Sign-in with Databricks is not set up here'),
  atSignIn('OAuthRefused', 403, 'Databricks refused the sign-in'),
  atSignIn('OAuthCancelled', 400, 'Sign-in cancelled'),
  atSignIn('SignInExpired', 400, 'This sign-in has expired'),
  atSignIn('NoAccessToken', 400, 'Enter an access token'),
  atSignIn('TooManyAttempts', 429, 'Too many sign-in attempts', { TooManyAttempts: { seconds: 7 } }),
  atSignIn('BadCredential', 401, 'The workspace rejected this credential'),
];
