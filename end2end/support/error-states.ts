// Pages that show an error instead of their content, and the errors on the sign-in page.

import { signInAsAdmin } from './console-page.ts';
import { type Body, type Effect, jsonError } from './demo-workspace.ts';
import { TOKENS_API, TOKENS_PATH } from './paths.ts';
import { type Problem, failureCode } from './problems.ts';
import type { PageState } from './states.ts';

/** The token list when the workspace returns an error instead of tokens. */
function errorPage(problem: Problem, status: number, title: string, effect: Effect, text?: string | RegExp): PageState {
  return {
    name: `error page: ${title}`,
    problem,
    status,
    heading: 'Personal access tokens',
    title,
    text,
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      await workspace.addFault({ path: TOKENS_API, times: 'forever', effect });
      return TOKENS_PATH;
    },
  };
}

function response(status: number, body: Body): Effect {
  return { kind: 'answer', status, body };
}

export const ERROR_PAGES: PageState[] = [
  {
    name: 'error page: no longer an admin',
    problem: 'NotAdmin',
    status: 403,
    heading: 'Personal access tokens',
    title: 'You are not an admin of acme-prod',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      await workspace.change({ change: 'remove_admin', user_name: workspace.admin.user_name });
      return TOKENS_PATH;
    },
  },
  {
    name: 'error page: a pricing plan without token management',
    problem: 'TokenManagementUnavailable',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Token management is not available',
    text: 'Premium',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      await workspace.change({ change: 'set_knobs', knobs: { tier: 'standard' } });
      return TOKENS_PATH;
    },
  },
  {
    name: 'error page: no connection',
    problem: 'Unreachable',
    status: 502,
    heading: 'Personal access tokens',
    title: 'Cannot connect to acme-prod',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      await workspace.addFault({ path: '/', times: 'forever', effect: { kind: 'reset' } });
      return TOKENS_PATH;
    },
  },
  errorPage(
    'UnexpectedWebPage',
    502,
    'Unexpected response from acme-prod',
    response(200, { kind: 'html', message: 'Welcome' }),
  ),
  errorPage('Redirected', 502, 'acme-prod redirects to another URL', {
    kind: 'redirect',
    location: 'https://login.example/',
  }),
  errorPage('UnreadableResponse', 502, 'Unreadable response from acme-prod', { kind: 'wrong_types' }),
  errorPage(
    'WorkspaceFailed',
    502,
    'acme-prod is having problems (HTTP 500)',
    jsonError(500, 'INTERNAL_ERROR', 'not for show'),
    'contact Databricks support',
  ),
  errorPage(
    'Rejected',
    502,
    'acme-prod rejected the request',
    jsonError(400, 'INVALID_PARAMETER_VALUE', 'not for show'),
  ),
  errorPage('NotInWorkspace', 403, 'acme-prod does not know you', {
    kind: 'answer',
    status: 403,
    body: { kind: 'integer_error_code', message: 'Invalid access to Org: 7' },
  }),
  errorPage('WorkspaceIdMissing', 403, 'acme-prod cannot be distinguished from others on its host', {
    kind: 'answer',
    status: 400,
    body: { kind: 'plain_text', text: 'Unable to load OAuth Config' },
  }),
  // Longer than any interactive call waits, so it is shown immediately.
  errorPage(
    'RateLimited',
    503,
    'Too many requests to acme-prod',
    { kind: 'rate_limit', retry_after: { seconds: 300 } },
    '300 seconds',
  ),
  errorPage(
    'ScopeMissing',
    403,
    'Your credential lacks a scope',
    { kind: 'missing_scope', scope: 'authentication' },
    'access-management',
  ),
  errorPage('IpBlocked', 403, "acme-prod blocks this console's network", { kind: 'ip_access_list' }),
  errorPage(
    'TokensNotAllowed',
    403,
    'You do not have permission to use tokens',
    response(403, { kind: 'integer_error_code', message: 'User does not have permission to use tokens.' }),
  ),
  errorPage(
    'TokensDisabled',
    200,
    'Personal access tokens are disabled',
    jsonError(404, 'FEATURE_DISABLED', 'Tokens are disabled.'),
  ),
];

/** A problem that the sign-in page shows because its code is in the URL. */
function signInError(problem: Problem, status: number, text: string, code: unknown = problem): PageState {
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

export const SIGN_IN_ERRORS: PageState[] = [
  signInError('OAuthNotConfigured', 404, 'Sign-in with Databricks is not set up here'),
  signInError('OAuthRefused', 403, 'Databricks refused the sign-in'),
  signInError('OAuthCancelled', 400, 'Sign-in cancelled'),
  signInError('SignInExpired', 400, 'This sign-in has expired'),
  signInError('NoAccessToken', 400, 'Enter an access token'),
  signInError('TooManyAttempts', 429, 'Too many sign-in attempts', { TooManyAttempts: { seconds: 7 } }),
  signInError('BadCredential', 401, 'The workspace rejected this credential'),
];
