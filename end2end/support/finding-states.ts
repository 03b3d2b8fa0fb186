// The page of findings, in the states of page-states.ts.

import { openSignedIn } from './console-page.ts';
import { ACTIVITY_PATH, FIND_LEAKED_PATH, FINDINGS_PATH } from './paths.ts';
import { acceptFinding, type PageState, openPath } from './states.ts';

const LONG_WORD = 'W'.repeat(400);

function acceptWithLongWord(path: string): PageState['reach'] {
  return async (page, workspace) => {
    await openSignedIn(page, workspace, FINDINGS_PATH);
    await acceptFinding(page, 'never-used', LONG_WORD);
    return path;
  };
}

export const FINDINGS_PAGES: PageState[] = [
  {
    name: 'findings, with grants and a lifetime that are findings',
    status: 200,
    heading: 'Findings',
    title: 'Findings',
    text: 'Everyone can create tokens',
    reach: async (page, workspace) => {
      await workspace.change({ change: 'set_grants', can_use: ['users', workspace.nonAdmin.user_name] });
      await openSignedIn(page, workspace, FIND_LEAKED_PATH);
      return FINDINGS_PATH;
    },
  },
  {
    name: 'findings, with an acceptance whose reason is one long word',
    status: 200,
    heading: 'Findings',
    title: 'Findings',
    text: 'not counted above until the date',
    reach: acceptWithLongWord(FINDINGS_PATH),
  },
  {
    name: 'activity, with a reason that is one long word',
    status: 200,
    heading: 'Activity',
    title: 'Activity',
    text: LONG_WORD,
    reach: acceptWithLongWord(ACTIVITY_PATH),
  },
  {
    name: 'findings, with a form that is not valid',
    status: 200,
    heading: 'Findings',
    title: 'Findings',
    text: 'Enter a date that is not in the past.',
    reach: openPath(`${FINDINGS_PATH}?accept=never-used&reason=&until=2020-01-01`),
  },
];
