// The pages of one token, and the confirmations of its changes.

import { openAsAdmin, signInAsAdmin } from './console-page.ts';
import { jsonError } from './demo-workspace.ts';
import { TOKENS_API, TOKENS_PATH } from './paths.ts';
import { type PageState, createExampleToken, openTokenWithUnusedScopes } from './states.ts';

/** A page of a token that the workspace has listed but then does not return. */
function openWhileUnavailable(path: string): PageState['reach'] {
  return async (page, workspace, console) => {
    const token = await createExampleToken(workspace);
    await openAsAdmin(page, workspace, console, TOKENS_PATH);
    await workspace.addFault({
      method: 'GET',
      path: token.replace(TOKENS_PATH, TOKENS_API),
      times: 'forever',
      effect: jsonError(503, 'TEMPORARILY_UNAVAILABLE'),
    });
    return token + path;
  };
}

export const TOKEN_STATES: PageState[] = [
  {
    name: 'token',
    status: 200,
    heading: 'example token',
    title: 'example token',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      return createExampleToken(workspace);
    },
  },
  {
    name: 'token, with scopes that it does not use, of a list',
    status: 200,
    heading: 'example token',
    title: 'example token',
    text: 'Full access, ',
    reach: openTokenWithUnusedScopes,
  },
  {
    name: 'token, as listed',
    status: 200,
    heading: 'example token',
    title: 'example token',
    text: /As listed at .* is having problems \(HTTP 503\)\. Reload this page for the current state\./,
    reach: openWhileUnavailable(''),
  },
  {
    name: 'confirmation of a change of scopes',
    status: 200,
    heading: 'Change scopes',
    title: 'Change scopes',
    text: 'The token loses scopes.',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      return `${await createExampleToken(workspace)}/scopes?scopes=sql`;
    },
  },
  {
    name: 'confirmation of a revocation',
    status: 200,
    heading: 'Revoke “example token”?',
    title: 'Revoke “example token”',
    text: 'This cannot be undone.',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      return `${await createExampleToken(workspace)}/revoke`;
    },
  },
  {
    name: 'confirmation of a revocation, of a token as listed',
    status: 200,
    heading: 'Revoke “example token”?',
    title: 'Revoke “example token”',
    text: 'As listed at',
    reach: openWhileUnavailable('/revoke'),
  },
];
