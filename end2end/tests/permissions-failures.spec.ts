// Saving permissions, and reading them, where the workspace does not do as asked.

import { calls, openSignedIn, said } from '../support/console-page.ts';
import type { Effect } from '../support/demo-workspace.ts';
import { expect, test } from '../support/fixtures.ts';
import { ADVANCED, PERMISSIONS, API, review, save, grant, remove, open, add } from '../support/permissions-page.ts';

const FAILURES: { title: string; method: 'PATCH' | 'PUT'; effect: Effect; told: string }[] = [
  {
    title: 'an unknown principal',
    method: 'PATCH',
    effect: {
      kind: 'answer',
      status: 404,
      body: {
        kind: 'json_error',
        error_code: 'RESOURCE_DOES_NOT_EXIST',
        message: 'Principal: GroupName(security) does not exist',
      },
    },
    told: 'The group “security” no longer exists in acme-prod.',
  },
  {
    title: 'CAN_MANAGE for others',
    method: 'PUT',
    effect: {
      kind: 'answer',
      status: 400,
      body: {
        kind: 'json_error',
        error_code: 'INVALID_PARAMETER_VALUE',
        message: "Permission level CAN_MANAGE on tokens can only be held by group 'admins'.",
      },
    },
    told: 'Only the group “admins” can manage tokens',
  },
  {
    title: 'FEATURE_DISABLED',
    method: 'PATCH',
    effect: {
      kind: 'answer',
      status: 404,
      body: {
        kind: 'json_error',
        error_code: 'FEATURE_DISABLED',
        message: 'Token permissions is not enabled for this feature tier',
      },
    },
    told: 'Token management is not available',
  },
  {
    title: 'no admin any more',
    method: 'PUT',
    effect: {
      kind: 'answer',
      status: 403,
      body: {
        kind: 'json_error',
        error_code: 'PERMISSION_DENIED',
        message: 'Please contact the owner or an administrator for access.',
      },
    },
    told: 'You are not an admin of acme-prod',
  },
  {
    title: 'too many requests',
    method: 'PUT',
    effect: { kind: 'rate_limit', retry_after: { seconds: 40 } },
    told: 'Try again in 40 seconds',
  },
  {
    title: 'a success that did nothing',
    method: 'PUT',
    effect: { kind: 'ignore' },
    told: 'Accepted, but not confirmed',
  },
  {
    title: 'a lost answer to what was not done',
    method: 'PUT',
    effect: { kind: 'answer', status: 502, body: { kind: 'empty' } },
    told: 'No response, and no change so far',
  },
];

for (const { title, method, effect, told } of FAILURES) {
  test(`P2: ${title} is told by name, and what was entered is kept`, async ({ page, workspace, console }) => {
    await open(page, workspace, console);
    if (method === 'PATCH') {
      await add(page, 'security', /^security/);
    } else {
      await remove(page, 'analytics').check();
    }
    await review(page).click();
    await workspace.fault({ method, path: API, times: 'forever', effect });
    await save(page).click();
    await expect(page.getByRole('alert').filter({ hasText: told })).toBeVisible();
    await expect(page).toHaveURL(method === 'PATCH' ? /add=group%3Asecurity/ : /remove=group%3Aanalytics/);
    if (method === 'PUT') expect((await calls(workspace, 'PUT', API)).length, 'a PUT is never sent twice').toBe(1);
    await workspace.clearFaults();
    await save(page).click();
    await expect(said(page)).toContainText('Saved.');
  });
}

test('a lost answer to what was done is told as done', async ({ page, workspace, console }) => {
  await open(page, workspace, console);
  await remove(page, 'analytics').check();
  await review(page).click();
  await workspace.fault({ method: 'PUT', path: API, effect: { kind: 'truncate' } });
  await save(page).click();
  await expect(said(page)).toContainText('The response was lost, but the change was made.');
  expect((await calls(workspace, 'PUT', API)).length).toBe(1);
});

test('without a token the cause and the way out are explained', async ({ page, workspace }) => {
  await openSignedIn(page, workspace, ADVANCED);
  await workspace.change({ change: 'remove_all_tokens' });
  await page.goto(PERMISSIONS);
  await expect(page.getByRole('heading', { name: 'This workspace has no tokens yet' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'CLI command' })).toContainText('databricks tokens create');
});

test('groups that cannot be read are unknown, never 0', async ({ page, workspace, console }) => {
  await workspace.fault({
    method: 'GET',
    path: '/api/2.0/preview/scim/v2/Groups',
    times: 'forever',
    effect: {
      kind: 'answer',
      status: 403,
      body: { kind: 'json_error', error_code: 'PERMISSION_DENIED', message: 'no' },
    },
  });
  await open(page, workspace, console);
  await expect(grant(page, 'analytics')).toContainText('unknown');
  await remove(page, 'analytics').check();
  await review(page).click();
  await expect(page.getByRole('region', { name: 'Who loses access' })).toContainText(
    'The members of “analytics” could not be read, so more people may lose access.',
  );
});
