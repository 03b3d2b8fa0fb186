// The states of the page of the scopes of all tokens, for support/page-states.ts.

import { openSignedIn } from './console-page.ts';
import { FIND_LEAKED_PATH, SCOPES_PATH } from './paths.ts';
import { type PageState, openPath } from './states.ts';

export const SCOPES_STATES: PageState[] = [
  {
    name: 'scopes of all tokens',
    status: 200,
    heading: 'Scopes',
    title: 'Scopes',
    text: 'Used before they were observed',
    reach: openPath(SCOPES_PATH),
  },
  {
    name: 'scopes of an empty workspace',
    status: 200,
    heading: 'Scopes',
    title: 'Scopes',
    text: 'No active token.',
    reach: async (page, workspace) => {
      await openSignedIn(page, workspace, FIND_LEAKED_PATH);
      await workspace.change({ change: 'remove_all_tokens' });
      return SCOPES_PATH;
    },
  },
];
