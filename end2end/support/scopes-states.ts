// The states of the page of the scopes of all tokens, and of changes of many, for support/page-states.ts.

import { BULK_SCOPES_STATES } from './bulk-scopes-states.ts';
import { openSignedIn, signInAsAdmin } from './console-page.ts';
import type { DemoWorkspace } from './demo-workspace.ts';
import { FIND_LEAKED_PATH, SCOPES_PATH } from './paths.ts';
import { type PageState, openPath } from './states.ts';

/** Creates a token for each section of the page. */
export async function createTokensOfEachKind(workspace: DemoWorkspace): Promise<void> {
  const base = { owner: workspace.otherAdmin.user_name, lifetime_days: 365, used_days_ago: 0, scopes: ['all-apis'] };
  const observed = { ...base, autoscope: 'AUTOSCOPE_STATE_RUNNING' };
  for (const token of [
    { ...observed, comment: 'release pipeline', created_days_ago: 26, inferred_scopes: ['clusters', 'jobs'] },
    { ...observed, comment: 'usage dashboard', created_days_ago: 10, inferred_scopes: ['sql'] },
    { ...observed, comment: 'quarterly tax export', created_days_ago: 170, used_days_ago: 80 },
    { ...observed, comment: 'webhook relay', created_days_ago: 9, used_days_ago: 1 },
    { ...observed, comment: 'expires first', created_days_ago: 5, lifetime_days: 20, inferred_scopes: ['sql'] },
    { ...base, comment: 'warehouse starter', created_days_ago: 160, backfill_scopes: ['clusters', 'jobs'] },
    { ...base, comment: 'rotates tokens', created_days_ago: 3, scopes: ['authentication'] },
    { ...base, comment: 'a state that no one knows', created_days_ago: 3, autoscope: 'AUTOSCOPE_STATE_PAUSED' },
  ]) {
    await workspace.createToken(token);
  }
}

export const SCOPES_STATES: PageState[] = [
  ...BULK_SCOPES_STATES,
  {
    name: 'scopes of all tokens',
    status: 200,
    heading: 'Scopes',
    title: 'Scopes',
    text: 'Used before they were observed',
    reach: async (page, workspace, console) => {
      await signInAsAdmin(page, workspace, console);
      await createTokensOfEachKind(workspace);
      return SCOPES_PATH;
    },
  },
  {
    name: 'scopes of all tokens, of which none is special',
    status: 200,
    heading: 'Scopes',
    title: 'Scopes',
    text: 'No active token.',
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
