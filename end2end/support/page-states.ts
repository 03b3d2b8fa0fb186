// Every page in every state that can occur, as a table. tests/page-states.spec.ts checks each of them.

import { signInAsAdmin, openAsAdmin, openSignedIn } from './console-page.ts';
import { jsonError } from './demo-workspace.ts';
import { ERROR_PAGES, SIGN_IN_ERRORS } from './error-states.ts';
import { FINDINGS_PAGES } from './finding-states.ts';
import {
  ACTIVITY_PATH,
  BULK_REVOCATIONS_PATH,
  FIND_LEAKED_PATH,
  NEW_TOKEN_PATH,
  PERMISSIONS_PATH,
  PRINCIPALS_PATH,
  SCIM_API,
  SETTINGS_PATH,
  TOKENS_PATH,
} from './paths.ts';
import { SCOPES_STATES } from './scopes-states.ts';
import {
  type PageState,
  disableTokens,
  failOneOfTwoTokens,
  listTwoUnreadableTokens,
  makeActivity,
  openPath,
  openWithoutSettings,
  reviewTwoTokens,
} from './states.ts';
import { TOKEN_STATES } from './token-states.ts';

/** A list of few rows, for states that do not depend on the rows: axe needs time for each row. */
const SHORT_LIST = `${TOKENS_PATH}?q=laptop`;

const PAGES: PageState[] = [
  {
    name: 'sign-in',
    status: 200,
    heading: 'Sign in',
    title: 'Sign in',
    reach: async () => '/sign-in',
  },
  {
    name: 'tokens, two of them unreadable',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: '2 tokens could not be read (rows 2, 3)',
    reach: listTwoUnreadableTokens,
  },
  {
    name: 'tokens with long, right-to-left and hostile comments',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: "<script>alert('xss')</script>",
    reach: openPath(TOKENS_PATH),
  },
  {
    name: 'tokens, with no match',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'No tokens match your filters',
    reach: openPath(`${TOKENS_PATH}?q=zzz`),
  },
  {
    name: 'tokens of an empty workspace',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'No tokens yet',
    reach: async (page, workspace) => {
      await openSignedIn(page, workspace, FIND_LEAKED_PATH);
      await workspace.change({ change: 'remove_all_tokens' });
      return TOKENS_PATH;
    },
  },
  {
    name: 'one user',
    status: 200,
    heading: 'Kai Tanaka',
    title: 'Kai Tanaka',
    text: 'Access to tokens',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      return `${PRINCIPALS_PATH}/${workspace.nonAdmin.id}`;
    },
  },
  {
    name: 'unknown user',
    status: 404,
    heading: 'No such user or service principal',
    title: 'No such user or service principal',
    text: 'No tokens.',
    reach: openPath(`${PRINCIPALS_PATH}/424242`),
  },
  {
    name: 'new token, with matching service principals',
    status: 200,
    heading: 'Create service principal token',
    title: 'Create service principal token',
    text: 'etl-nightly',
    reach: openPath(`${NEW_TOKEN_PATH}?find=etl`),
  },
  {
    name: 'new token, with an error at each field',
    status: 200,
    heading: 'Create service principal token',
    title: 'Error: Create service principal token',
    text: 'Enter a whole number of days from 1 to 730.',
    reach: openPath(`${NEW_TOKEN_PATH}?days=9999&scopes=SQL!&check=1`),
  },
  {
    name: 'first token of an empty workspace',
    status: 200,
    heading: 'Create a first token',
    title: 'Create a first token',
    text: '1 hour, until',
    reach: async (page, workspace) => {
      await openSignedIn(page, workspace, FIND_LEAKED_PATH);
      await workspace.change({ change: 'remove_all_tokens' });
      return `${NEW_TOKEN_PATH}/first`;
    },
  },
  {
    name: 'review of a new token for an unknown service principal',
    status: 200,
    heading: 'Review new token',
    title: 'Review new token',
    text: 'No service principal with this application ID was found.',
    reach: openPath(`${NEW_TOKEN_PATH}/review?sp=00000000-0000-0000-0000-000000000000&days=30&scopes=sql`),
  },
  {
    name: 'tokens, with a selection',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: /[1-9] selected/,
    reach: openPath(`${SHORT_LIST}&pick=page`),
  },
  {
    name: 'bulk changes, with none yet',
    status: 200,
    heading: 'Bulk changes',
    title: 'Bulk changes',
    text: 'No bulk changes yet',
    reach: openPath(BULK_REVOCATIONS_PATH),
  },
  {
    name: 'review of a bulk revocation',
    status: 200,
    heading: 'Revoke 2 tokens',
    title: 'Revoke 2 tokens',
    text: 'Type 2 to confirm',
    reach: reviewTwoTokens,
  },
  {
    name: 'review of tokens of several owners',
    status: 200,
    heading: 'Revoke 2 tokens',
    title: 'Revoke 2 tokens',
    text: 'These tokens belong to 2 different people.',
    reach: async (page, workspace, console) => {
      for (const owner of [workspace.otherAdmin.user_name, workspace.nonAdmin.user_name]) {
        await workspace.createToken({ owner, comment: 'doomed', lifetime_days: 40 });
      }
      await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=doomed`);
      await page.getByRole('button', { name: 'Select this page' }).click();
      await page.getByRole('button', { name: 'Review selected' }).click();
      return new URL(page.url()).pathname;
    },
  },
  {
    name: 'bulk revocation with a failed token',
    status: 200,
    heading: '1 of 2 tokens could not be revoked',
    title: '1 of 2 tokens could not be revoked',
    text: 'The failed token still works',
    reach: failOneOfTwoTokens,
  },
  {
    name: 'bulk changes, one with a failed token',
    status: 200,
    heading: 'Bulk changes',
    title: 'Bulk changes',
    text: '1 of 2 could not be revoked',
    reach: async (page, workspace, console) => {
      await failOneOfTwoTokens(page, workspace, console);
      await page.goto(BULK_REVOCATIONS_PATH);
      return BULK_REVOCATIONS_PATH;
    },
  },
  {
    name: 'unknown bulk change',
    problem: 'BulkNotFound',
    status: 404,
    heading: 'Bulk change',
    title: 'Bulk change not found',
    reach: openPath(`${BULK_REVOCATIONS_PATH}/${'0'.repeat(32)}`),
  },
  {
    name: 'activity, with none yet',
    status: 200,
    heading: 'Activity',
    title: 'Activity',
    text: 'No activity yet',
    reach: openPath(ACTIVITY_PATH),
  },
  {
    name: 'activity with a bulk revocation',
    status: 200,
    heading: 'Activity',
    title: 'Activity',
    text: '1 of 2 revoked, 1 failed',
    reach: async (page, workspace, console) => {
      await makeActivity(page, workspace, console);
      return ACTIVITY_PATH;
    },
  },
  {
    name: 'permissions',
    status: 200,
    heading: 'Permissions',
    title: 'Permissions',
    text: 'Always has access',
    reach: openPath(`${PERMISSIONS_PATH}?add=group:users&remove=group:analytics`),
  },
  {
    name: 'search for users, groups and service principals',
    status: 200,
    heading: 'Find users, groups and service principals',
    title: 'Find users, groups and service principals',
    text: 'data-platform',
    reach: openPath(`${PERMISSIONS_PATH}/find?find=a`),
  },
  {
    name: 'review of changed permissions, started from another list',
    status: 200,
    heading: 'Review permission changes',
    title: 'Review permission changes',
    text: 'Nothing was saved',
    reach: openPath(`${PERMISSIONS_PATH}/review?opened=0&add=group:users&remove=group:analytics`),
  },
  {
    name: 'review of changed permissions',
    status: 200,
    heading: 'Review permission changes',
    title: 'Review permission changes',
    text: 'Who loses access',
    reach: async (page, workspace, console) => {
      await openAsAdmin(page, workspace, console, PERMISSIONS_PATH);
      await page.getByRole('button', { name: 'Remove analytics' }).click();
      await page.getByRole('button', { name: 'Review changes' }).click();
      const { pathname, search } = new URL(page.url());
      return pathname + search;
    },
  },
  {
    name: 'confirmation of a revocation, of a token that no longer exists',
    problem: 'TokenNotFound',
    status: 404,
    heading: 'Revoke token',
    title: 'Token not found',
    text: 'No action is needed.',
    reach: openPath(`${TOKENS_PATH}/${'f'.repeat(64)}/revoke`),
  },
  {
    name: 'search for a leaked token',
    status: 200,
    heading: 'Find a leaked token',
    title: 'Find a leaked token',
    reach: openPath(FIND_LEAKED_PATH),
  },
  {
    name: 'leaked value without a token',
    problem: 'TokenNotFound',
    status: 404,
    heading: 'Token',
    title: 'Token not found',
    text: 'too old to be found by value',
    reach: openPath(`${TOKENS_PATH}/${'f'.repeat(64)}?from=leak`),
  },
  {
    name: 'settings',
    status: 200,
    heading: 'Settings',
    title: 'Settings',
    text: 'Maximum lifetime',
    reach: openPath(SETTINGS_PATH),
  },
  {
    name: 'settings with an invalid lifetime',
    status: 200,
    heading: 'Settings',
    title: 'Error: Settings',
    text: 'whole number',
    reach: openPath(`${SETTINGS_PATH}?lifetime=soon`),
  },
  {
    name: 'settings with a lifetime that is only typed',
    status: 200,
    heading: 'Settings',
    title: 'Settings',
    text: 'limit 45 days',
    reach: openPath(`${SETTINGS_PATH}?lifetime=45`),
  },
  {
    name: 'confirmation of disabling tokens, signed in with a token',
    status: 200,
    heading: 'Disable Personal Access Tokens in acme-prod?',
    title: 'Disable Personal Access Tokens in acme-prod',
    text: 'You will be signed out, because you use a personal access token.',
    reach: openPath(`${SETTINGS_PATH}/switch?to=off`),
  },
  {
    name: 'confirmation of enabling tokens',
    status: 200,
    heading: 'Enable Personal Access Tokens in acme-prod?',
    title: 'Enable Personal Access Tokens in acme-prod',
    text: 'Work again',
    reach: async (page, workspace) => {
      await disableTokens(page, workspace);
      return `${SETTINGS_PATH}/switch?to=on`;
    },
  },
  {
    name: 'tokens, while disabled',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'No token works until they are enabled again in Settings.',
    reach: async (page, workspace) => {
      await disableTokens(page, workspace);
      return SHORT_LIST;
    },
  },
  {
    name: 'settings, while tokens are disabled',
    status: 200,
    heading: 'Settings',
    title: 'Settings',
    text: 'No token works until they are enabled again here.',
    reach: async (page, workspace) => {
      await disableTokens(page, workspace);
      return SETTINGS_PATH;
    },
  },
  {
    name: 'tokens without owner names',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'Owner names are unavailable.',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      const effect = jsonError(403, 'PERMISSION_DENIED');
      await workspace.addFault({ path: SCIM_API, times: 'forever', effect });
      return SHORT_LIST;
    },
  },
  {
    name: 'tokens without the workspace settings',
    status: 200,
    heading: 'Personal access tokens',
    title: 'Personal access tokens',
    text: 'Could not read the workspace settings.',
    reach: openWithoutSettings(SHORT_LIST),
  },
  {
    name: 'export without the workspace settings',
    status: 200,
    heading: 'Export tokens',
    title: 'Export tokens',
    text: 'These files are incomplete.',
    reach: openWithoutSettings(`${TOKENS_PATH}/export`),
  },
  {
    name: 'unknown page',
    problem: 'PageNotFound',
    status: 404,
    heading: 'Not found',
    title: 'Page not found',
    reach: async () => '/w/acme-prod/nothing-here',
  },
  {
    name: 'unknown workspace',
    problem: 'UnknownWorkspace',
    status: 404,
    heading: 'Not found',
    title: 'Workspace not found',
    reach: async () => '/w/nowhere/tokens',
  },
  {
    name: 'unknown token',
    problem: 'TokenNotFound',
    status: 404,
    heading: 'Token',
    title: 'Token not found',
    reach: openPath(`${TOKENS_PATH}/${'f'.repeat(64)}`),
  },
];

export const PAGE_STATES: PageState[] = [
  ...PAGES,
  ...TOKEN_STATES,
  ...FINDINGS_PAGES,
  ...SCOPES_STATES,
  ...ERROR_PAGES,
  ...SIGN_IN_ERRORS,
];
