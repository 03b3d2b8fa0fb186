// Reading and saving permissions when the workspace fails.

import { calls, openSignedIn, statusMessage } from '../support/console-page.ts';
import { type Effect, jsonError } from '../support/demo-workspace.ts';
import { expect, test } from '../support/fixtures.ts';
import { GROUPS_API, PERMISSIONS_API, PERMISSIONS_PATH, SETTINGS_PATH } from '../support/paths.ts';
import {
  addPrincipal,
  confirmAndSave,
  grantRow,
  openEditor,
  removeButton,
  reviewButton,
} from '../support/permissions-page.ts';

const FAILURES: { title: string; method: 'PATCH' | 'PUT'; effect: Effect; message: string }[] = [
  {
    title: 'an unknown principal',
    method: 'PATCH',
    effect: jsonError(404, 'RESOURCE_DOES_NOT_EXIST', 'Principal: GroupName(security) does not exist'),
    message: 'The group “security” no longer exists in acme-prod.',
  },
  {
    title: 'CAN_MANAGE for someone who is not an admin',
    method: 'PUT',
    effect: jsonError(
      400,
      'INVALID_PARAMETER_VALUE',
      "Permission level CAN_MANAGE on tokens can only be held by group 'admins'.",
    ),
    message: 'Only the group “admins” can manage tokens',
  },
  {
    title: 'the error FEATURE_DISABLED',
    method: 'PATCH',
    effect: jsonError(404, 'FEATURE_DISABLED', 'Token permissions is not enabled for this feature tier'),
    message: 'Tokens are disabled or not available',
  },
  {
    title: 'the loss of admin rights',
    method: 'PUT',
    effect: jsonError(403, 'PERMISSION_DENIED', 'Please contact the owner or an administrator for access.'),
    message: 'You are not an admin of acme-prod',
  },
  {
    title: 'a rate limit',
    method: 'PUT',
    effect: { kind: 'rate_limit', retry_after: { seconds: 40 } },
    message: 'Try again in 40 seconds',
  },
  {
    title: 'a save without effect',
    method: 'PUT',
    effect: { kind: 'ignore' },
    message: 'Accepted, but not confirmed',
  },
  {
    title: 'a lost response to a save that was not made',
    method: 'PUT',
    effect: { kind: 'answer', status: 502, body: { kind: 'empty' } },
    message: 'No response, and no change so far',
  },
];

for (const { title, method, effect, message } of FAILURES) {
  test(`${title} is reported, and the edits are kept`, { tag: '@P2' }, async ({ page, workspace, console }) => {
    await openEditor(page, workspace, console);
    if (method === 'PATCH') {
      await addPrincipal(page, 'security', /^security/);
    } else {
      await removeButton(page, 'analytics').click();
    }
    await reviewButton(page).click();
    await workspace.addFault({ method, path: PERMISSIONS_API, times: 'forever', effect });
    await confirmAndSave(page);
    await expect(page.getByRole('alert').filter({ hasText: message })).toBeVisible();
    await expect(page).toHaveURL(method === 'PATCH' ? /add=group%3Asecurity/ : /remove=group%3Aanalytics/);
    if (method === 'PUT')
      expect((await calls(workspace, 'PUT', PERMISSIONS_API)).length, 'a PUT is never sent twice').toBe(1);
    await workspace.clearFaults();
    await confirmAndSave(page);
    await expect(statusMessage(page)).toContainText('Saved.');
  });
}

test('a save whose response was lost is reported as done if it was made', async ({ page, workspace, console }) => {
  await openEditor(page, workspace, console);
  await removeButton(page, 'analytics').click();
  await reviewButton(page).click();
  await workspace.addFault({ method: 'PUT', path: PERMISSIONS_API, effect: { kind: 'truncate' } });
  await confirmAndSave(page);
  await expect(statusMessage(page)).toContainText('The response was lost, but the change was made.');
  expect((await calls(workspace, 'PUT', PERMISSIONS_API)).length).toBe(1);
});

test('a workspace without tokens gets a first one, which opens its permissions', async ({ page, workspace }) => {
  await openSignedIn(page, workspace, SETTINGS_PATH);
  await workspace.change({ change: 'remove_all_tokens' });
  await page.goto(PERMISSIONS_PATH);
  await expect(page.getByRole('heading', { name: 'This workspace has no tokens yet' })).toBeVisible();
  await page.getByRole('link', { name: 'Create a first token' }).click();
  await page.getByText(/^Details: acting as/).click();
  await expect(page.getByRole('group', { name: 'CLI command' })).toContainText('databricks tokens create');
  await page.getByRole('button', { name: 'Create first token' }).dblclick();
  await expect(page.getByRole('group', { name: 'Token value' })).toContainText('dapi');
  expect(await calls(workspace, 'POST', '/api/2.0/token/create')).toHaveLength(1);
  // The token's value does not have to be copied, and leaving the page does not ask.
  await page.getByRole('link', { name: 'Open permissions' }).click();
  await expect(page.getByRole('combobox', { name: 'Add a user, group or service principal' })).toBeVisible();
});

test('the size of groups that cannot be read is not available, never 0', async ({ page, workspace, console }) => {
  await workspace.addFault({
    method: 'GET',
    path: GROUPS_API,
    times: 'forever',
    effect: jsonError(403, 'PERMISSION_DENIED'),
  });
  await openEditor(page, workspace, console);
  await expect(grantRow(page, 'analytics')).toContainText('Unknown');
  await removeButton(page, 'analytics').click();
  await reviewButton(page).click();
  await expect(page.getByRole('region', { name: 'Who loses access', exact: true })).toContainText(
    'The members of “analytics” could not be read, so more people may lose access.',
  );
});
