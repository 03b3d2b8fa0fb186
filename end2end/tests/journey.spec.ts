// The main tasks of an admin in one go: signed in by OAuth and by token, with and without JavaScript. The other files
// test each step in detail. Firefox runs this file too (firefox.config.ts).

import type { Locator, Page } from '@playwright/test';

import {
  SIGN_IN_METHODS,
  calls,
  signIn,
  signOut,
  statusMessage,
  tokenRow,
  tokenSwitch,
} from '../support/console-page.ts';
import { addPrincipal, confirmAndSave, readGrantees, removeButton, reviewButton } from '../support/permissions-page.ts';
import { expect, test } from '../support/fixtures.ts';
import { CONF_API, SETTINGS_PATH, TOKENS_API, TOKENS_PATH } from '../support/paths.ts';

test.use({ workspaceArguments: ['--tokens', '1284'] });

for (const method of SIGN_IN_METHODS) {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(`signed in by ${method}, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
      test.use({ javaScriptEnabled });

      /** The open confirmation: a dialog, or a page without JavaScript. */
      async function confirmation(page: Page, title: string): Promise<Locator> {
        const container = javaScriptEnabled ? page.getByRole('dialog', { name: title }) : page.getByRole('main');
        await expect(container.getByRole('heading', { level: 1, name: title })).toBeVisible();
        return container;
      }

      test('an admin completes the main tasks, from sign-in to sign-out', async ({ page, workspace }) => {
        const doomed = await workspace.createToken({
          owner: workspace.otherAdmin.user_name,
          comment: 'journey: to be revoked',
          lifetime_days: 90,
        });
        const leaked = await workspace.createToken({
          owner: workspace.nonAdmin.user_name,
          comment: 'journey: leaked',
          lifetime_days: 400,
        });
        const requestedUrls: string[] = [];
        page.on('request', request => requestedUrls.push(request.url()));

        await test.step('sign in', async () => {
          await page.goto('/');
          await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
          await signIn(page, workspace, method);
          const banner = page.getByRole('banner');
          await expect(banner).toContainText('acme-prod');
          await expect(banner).toContainText(new URL(workspace.url).hostname);
          await expect(banner).toContainText(workspace.admin.user_name);
          await expect(banner).toContainText(method === 'OAuth' ? 'OAuth' : 'personal access token');
        });

        await test.step('view the tokens', async () => {
          await expect(page).toHaveURL(TOKENS_PATH);
          await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
          await expect(page.getByRole('table', { name: /^1,286 tokens/ })).toBeVisible();
          await expect(page.getByRole('table').getByRole('row')).toHaveCount(51);
        });

        await test.step('sort', async () => {
          const expires = page.getByRole('columnheader', { name: 'Expires' });
          await expires.getByRole('link').click();
          await expect(expires).toHaveAttribute('aria-sort', 'ascending');
          await page.goBack();
          await expect(expires).not.toHaveAttribute('aria-sort', /./);
          await expect(page).toHaveURL(TOKENS_PATH);
        });

        await test.step('filter', async () => {
          const search = page.getByRole('searchbox', { name: 'Search by comment, owner or ID' });
          await search.pressSequentially('journey: to be');
          if (!javaScriptEnabled) await search.press('Enter');
          await expect(page.getByRole('status').filter({ hasText: '1 of 1,286 tokens' })).toBeVisible();
          await expect(page.getByRole('table').getByRole('row')).toHaveCount(2);
          await expect(page).toHaveURL(/[?&]q=journey/);
          await expect(tokenRow(page, 'journey: to be revoked')).toContainText(workspace.otherAdmin.user_name);
        });

        await test.step('open one and edit its comment', async () => {
          await page.getByRole('link', { name: 'journey: to be revoked' }).click();
          await expect(page.getByRole('heading', { level: 1, name: 'journey: to be revoked' })).toBeVisible();
          await expect(page.getByRole('main')).toContainText(doomed.token_id);
          await page.getByText('Change comment').click();
          await page.getByRole('textbox', { name: 'New comment' }).fill('journey: doomed');
          await page.getByRole('button', { name: 'Save comment' }).click();
          await expect(statusMessage(page)).toContainText('Comment saved for ');
          await expect(page.getByRole('heading', { level: 1, name: 'journey: doomed' })).toBeVisible();
          expect(await calls(workspace, 'PATCH', `${TOKENS_API}/${doomed.token_id}`)).toMatchObject([{ status: 200 }]);
        });

        await test.step('revoke it from the list', async () => {
          // The search that led here is for the comment before.
          const position = page.getByRole('navigation', { name: 'Position' });
          await expect(position).toContainText('No longer in this list');
          await position.getByRole('link', { name: /^‹ 0 of / }).click();
          await expect(page).toHaveURL(/[?&]q=journey/);
          await page.getByRole('link', { name: 'Clear filters' }).first().click();
          const revoke = tokenRow(page, 'journey: doomed').getByRole('button', { name: 'Revoke' });
          await revoke.click();
          const confirm = await confirmation(page, 'Revoke “journey: doomed”');
          if (javaScriptEnabled) {
            await expect(confirm.getByRole('heading', { name: 'Revoke “journey: doomed”?' })).toBeFocused();
            await page.keyboard.press('Escape');
            await expect(confirm).toBeHidden();
            await expect(revoke).toBeFocused();
            await revoke.click();
          }
          await expect(confirm).toContainText('journey: doomed');
          await expect(confirm).toContainText(doomed.token_id);
          await expect(confirm).toContainText(workspace.otherAdmin.user_name);
          await expect(confirm).toContainText('This cannot be undone.');
          await expect(confirm).toContainText(`databricks`);
          await confirm.getByRole('button', { name: 'Revoke' }).click();
          await expect(statusMessage(page)).toContainText(
            /journey: doomed.*was revoked\. Confirmed with the workspace/,
          );
          await expect(tokenRow(page, 'journey: doomed')).toHaveCount(0);
          await expect(page.getByRole('table', { name: /of 1,285 tokens|^1,285 tokens/ })).toBeVisible();
          expect(await calls(workspace, 'DELETE', TOKENS_API)).toMatchObject([
            { path: `${TOKENS_API}/${doomed.token_id}`, status: 200 },
          ]);
        });

        await test.step('find a leaked token', async () => {
          await page.getByRole('link', { name: 'Find a leaked token' }).click();
          await expect(page.getByRole('heading', { level: 1, name: 'Find a leaked token' })).toBeVisible();
          await page.getByLabel('Leaked value').fill(leaked.token_value);
          await page.getByRole('button', { name: 'Find' }).click();
          await expect(page.getByRole('heading', { level: 1, name: 'journey: leaked' })).toBeVisible();
          await expect(page).toHaveURL(new RegExp(`/tokens/${leaked.token_id}`));
          expect(requestedUrls.filter(url => url.includes(leaked.token_value))).toEqual([]);
        });

        await test.step('limit the lifetime of new tokens', async () => {
          await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).click();
          await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
          const days = page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' });
          await days.fill('731');
          await page.getByRole('button', { name: 'Save' }).click();
          await expect(page.getByRole('alert').filter({ hasText: '730' })).toBeVisible();
          await expect(days).toHaveValue('731');
          expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
          await days.fill('90');
          await page.getByRole('button', { name: 'Save' }).click();
          await expect(statusMessage(page)).toContainText('New tokens last at most 90 days');
          await expect(days).toHaveValue('90');
          expect(await calls(workspace, 'PATCH', CONF_API)).toHaveLength(1);
        });

        await test.step('disable personal access tokens', async () => {
          await expect(tokenSwitch(page)).toBeChecked();
          await tokenSwitch(page).click();
          const confirm = await confirmation(page, 'Disable personal access tokens in acme-prod');
          await expect(confirm).toContainText(/Stop working\s*[\d,]+ tokens/);
          await expect(confirm).toContainText('Nothing is deleted.');
          if (method === 'PAT') {
            await expect(confirm).toContainText('You will be signed out, because you use a personal access token.');
            await confirm.getByRole('textbox', { name: 'Type acme-prod to confirm' }).fill('acme-prod');
          }
          await confirm.getByRole('button', { name: 'Confirm' }).click();
          if (method === 'PAT') {
            await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
            await expect(statusMessage(page)).toContainText('You have been signed out.');
            await signIn(page, workspace, 'PAT');
            await expect(page.getByRole('alert')).toContainText('acme-prod rejected this credential');
            await signIn(page, workspace, 'OAuth');
          } else {
            await expect(statusMessage(page)).toContainText('Personal access tokens are disabled');
          }
          // The sign-in can still be leading to a page, which Firefox reports as an interruption.
          await expect(() => page.goto(SETTINGS_PATH)).toPass();
          await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' })).toBeVisible();
          await expect(tokenSwitch(page)).not.toBeChecked();
          expect(await calls(workspace, 'PATCH', CONF_API)).toHaveLength(2);
        });

        await test.step('enable them again', async () => {
          await tokenSwitch(page).click();
          const confirm = await confirmation(page, 'Enable personal access tokens in acme-prod');
          await expect(confirm).toContainText(/Work again\s*[\d,]+ unexpired tokens/);
          await confirm.getByRole('button', { name: 'Confirm' }).click();
          await expect(statusMessage(page)).toContainText('Personal access tokens are enabled');
          await expect(tokenSwitch(page)).toBeChecked();
          await expect(page.getByRole('region', { name: 'Personal access tokens are disabled' })).toHaveCount(0);
          expect(await calls(workspace, 'PATCH', CONF_API)).toHaveLength(3);
        });

        await test.step('sign out', async () => {
          await signOut(page);
          await expect(statusMessage(page)).toContainText('You are signed out.');
          await page.goto(TOKENS_PATH);
          await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
        });
      });
    });
  }
}

test('signed in by PAT, with JavaScript, an admin changes permissions, revokes in bulk, and finds the log', async ({
  page,
  workspace,
}) => {
  for (const comment of ['journey: first', 'journey: second']) {
    await workspace.createToken({ owner: workspace.nonAdmin.user_name, comment, lifetime_days: 90 });
  }
  await workspace.change({ change: 'set_grants', can_use: ['analytics', 'data-platform'] });
  const navigation = page.getByRole('navigation', { name: 'Main' });
  await page.goto('/');
  await signIn(page, workspace, 'PAT');

  await test.step('add a service principal and remove a group', async () => {
    await navigation.getByRole('link', { name: 'Permissions' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Permissions' })).toBeVisible();
    await addPrincipal(page, 'etl', /^etl-nightly/);
    await removeButton(page, 'analytics').click();
    await reviewButton(page).click();
    await expect(page.getByRole('main')).toContainText('etl-nightly');
    await confirmAndSave(page);
    await expect(statusMessage(page)).toContainText('Saved.');
    expect(await readGrantees(page)).toEqual(['admins', 'data-platform', 'etl-nightly']);
  });

  await test.step('revoke two tokens', async () => {
    await page.goto(`${TOKENS_PATH}?q=journey`);
    for (const comment of ['journey: first', 'journey: second']) {
      await tokenRow(page, comment).getByRole('checkbox').check();
    }
    await page.getByRole('button', { name: 'Review selected' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Revoke 2 tokens' })).toBeVisible();
    await typeWhatIsAsked(page.getByRole('main'));
    await page.getByRole('button', { name: 'Revoke 2 tokens' }).click();
    await expect(statusMessage(page)).toContainText('All 2 tokens were revoked (confirmed).');
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(2);
  });

  await test.step('view the activity', async () => {
    await navigation.getByRole('link', { name: 'Activity' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Activity' })).toBeVisible();
    for (const text of ['permissions', 'journey: first', 'journey: second']) {
      await expect(page.getByRole('main')).toContainText(text);
    }
  });
});

/** Fills the field of a confirmation that names what is to be typed into it. Harmless changes have none. */
async function typeWhatIsAsked(container: Locator): Promise<void> {
  const field = container.getByLabel(/^Type .+ to confirm$/);
  if ((await field.count()) === 0) return;
  const label = await field.evaluate(input => (input as HTMLInputElement).labels![0]!.textContent);
  await field.fill(/Type (.+) to confirm/.exec(label)![1]!);
}
