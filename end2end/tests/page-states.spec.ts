// Every page and state of support/page-states.ts: its HTTP status, its one heading, its title, its width, and what axe finds (rules A1, A4, E1, E3, M1, V1). The
// table is complete by construction: a new problem without a row fails here.

import { checkLooks } from '../support/page-checks.ts';
import { PAGE_STATES } from '../support/page-states.ts';
import { NO_PAGE, problems } from '../support/problems.ts';
import { expect, test } from '../support/fixtures.ts';

// Few enough for one page of the list, with every curated comment on it.
test.use({ workspaceArguments: ['--tokens', '30', '--users', '60'] });

test('every problem has a row in the table or a reason for none', () => {
  const known = problems();
  expect(known.length).toBeGreaterThan(30);
  const rows = new Set(PAGE_STATES.flatMap(state => state.problem ?? []));
  expect(
    known.filter(problem => !rows.has(problem) && !(problem in NO_PAGE)),
    'neither a row nor a reason',
  ).toEqual([]);
  expect(
    [...rows, ...Object.keys(NO_PAGE)].filter(problem => !known.includes(problem)),
    'no such problem',
  ).toEqual([]);
  expect(
    [...rows].filter(problem => problem in NO_PAGE),
    'both a row and a reason',
  ).toEqual([]);
});

test('A1: blocked pages and pages have titles of their own', () => {
  const distinct = new Map<string, Set<string>>();
  for (const state of PAGE_STATES) {
    const kind = state.problem ?? state.heading;
    distinct.set(state.title, (distinct.get(state.title) ?? new Set()).add(kind));
  }
  const shared = [...distinct].filter(([title, kinds]) => title !== 'Sign in' && kinds.size > 1);
  expect(shared).toEqual([]);
});

for (const state of PAGE_STATES) {
  test(state.name, async ({ page, workspace, console }) => {
    const path = await state.reach(page, workspace, console);
    const response = (await page.goto(path))!;
    expect(response.status()).toBe(state.status);
    expect(new URL(page.url()).pathname).toBe(new URL(path, console.url).pathname);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(state.heading);
    expect(await page.title()).toMatch(
      new RegExp(`^${state.title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}.*PAT Console$`),
    );
    await expect(page.getByRole('main')).toHaveCount(1);
    if (state.text) await expect(page.getByRole('main')).toContainText(state.text);
    if (state.problem === 'RateLimited') expect(response.headers()['retry-after']).toBe('300');
    if (state.problem && state.heading !== 'Sign in') await expect(page.getByRole('table')).toHaveCount(0);

    await checkLooks(page);
  });
}
