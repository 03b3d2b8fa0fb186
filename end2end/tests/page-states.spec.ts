// Every page state of support/page-states.ts: HTTP status, heading, title, width and accessibility. A new problem
// without a row in that table fails here.

import { ONE_PAGE_OF_TOKENS, expect, test } from '../support/fixtures.ts';
import { checkLayoutAndA11y } from '../support/page-checks.ts';
import { PAGE_STATES } from '../support/page-states.ts';
import { NOT_A_PAGE, allProblems } from '../support/problems.ts';

test.use({ workspaceArguments: ONE_PAGE_OF_TOKENS });

test('every problem has a page state, or a reason why it has none', () => {
  const known = allProblems();
  expect(known.length).toBeGreaterThan(30);
  const withState = new Set(PAGE_STATES.flatMap(state => state.problem ?? []));
  expect(
    known.filter(problem => !withState.has(problem) && !(problem in NOT_A_PAGE)),
    'neither a page state nor a reason',
  ).toEqual([]);
  expect(
    [...withState, ...Object.keys(NOT_A_PAGE)].filter(problem => !known.includes(problem)),
    'not a problem',
  ).toEqual([]);
  expect(
    [...withState].filter(problem => problem in NOT_A_PAGE),
    'both a page state and a reason',
  ).toEqual([]);
});

test('different pages and errors have different titles', { tag: ['@A1', '@E3'] }, () => {
  const kindsByTitle = new Map<string, Set<string>>();
  for (const state of PAGE_STATES) {
    const kind = state.problem ?? state.heading;
    kindsByTitle.set(state.title, (kindsByTitle.get(state.title) ?? new Set()).add(kind));
  }
  const shared = [...kindsByTitle].filter(([title, kinds]) => title !== 'Sign in' && kinds.size > 1);
  expect(shared).toEqual([]);
});

test.describe('status, heading, title, width and accessibility', () => {
  for (const state of PAGE_STATES) {
    const isErrorPage = state.problem !== undefined && state.heading !== 'Sign in';
    const tag = ['@A1', '@A4', '@M1', '@V1', ...(isErrorPage ? ['@E1'] : [])];
    test(state.name, { tag }, async ({ page, workspace, console }) => {
      const path = await state.reach(page, workspace, console);
      const response = (await page.goto(path))!;
      expect(response.status()).toBe(state.status);
      expect(new URL(page.url()).pathname).toBe(new URL(path, console.url).pathname);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(state.heading);
      const title = await page.title();
      expect(title.replace('acme-prod · ', '').startsWith(state.title), title).toBe(true);
      expect(title).toMatch(/^(Error: )?(acme-prod · )?.* · PAT Console$/);
      await expect(page.getByRole('main')).toHaveCount(1);
      if (state.text) await expect(page.getByRole('main')).toContainText(state.text);
      if (state.problem === 'RateLimited') expect(response.headers()['retry-after']).toBe('300');
      if (isErrorPage) await expect(page.getByRole('table')).toHaveCount(0);

      await checkLayoutAndA11y(page);
    });
  }
});
