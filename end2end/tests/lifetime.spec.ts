// The maximum lifetime of new tokens: what a limit means is shown before it is saved.

import { calls, openAsAdmin, statusMessage } from '../support/console-page.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { CONF_API, SETTINGS_PATH } from '../support/paths.ts';

test('a limit that someone else has changed since is not overwritten', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, SETTINGS_PATH);
  const days = page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' });
  const save = page.getByRole('button', { name: 'Save maximum lifetime' });
  await workspace.change({ change: 'set_conf', values: { maxTokenLifetimeDays: '30' } });
  await days.fill('365');
  await save.click();
  const alert = page.getByRole('alert').filter({ hasText: 'This was changed in the meantime.' });
  await expect(alert).toContainText('Nothing was saved. Your edits are kept.');
  await expect(page.getByText('Currently: 30 days')).toBeVisible();
  await expect(days).toHaveValue('365');
  expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
  await save.click();
  await expect(statusMessage(page)).toContainText('New tokens last at most 365 days.');
});

test('a limit that is typed or a preset moves the line in place, and leads to the tokens over it', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, SETTINGS_PATH);
  await waitForHydration(page);
  const days = page.getByRole('textbox', { name: 'Maximum lifetime of new tokens (days)' });
  const picture = page.getByRole('group', { name: /^Active tokens by lifetime/ });
  await page.evaluate(() => document.body.setAttribute('data-same-page', ''));

  await test.step('a preset', async () => {
    const preset = page.getByRole('link', { name: '90 days', exact: true });
    await preset.click();
    await expect(picture).toHaveAccessibleName(/the limit of 90 days$/);
    await expect(preset).toHaveAttribute('aria-current', 'true');
    await expect(preset).toBeFocused();
    await expect(days).toHaveValue('90');
  });

  await test.step('a number that is typed', async () => {
    await days.fill('45');
    await expect(picture).toHaveAccessibleName(/the limit of 45 days$/);
    await expect(page).toHaveURL(/\?lifetime=45$/);
    await expect(days).toBeFocused();
    await days.fill('4x');
    await expect(page.getByRole('alert').filter({ hasText: 'whole number' })).toBeVisible();
    await expect(days).toHaveAttribute('aria-invalid', 'true');
    await days.fill('45');
    await expect(days).not.toHaveAttribute('aria-invalid');
    await expect(page.locator('[data-same-page]')).toHaveCount(1);
  });

  await test.step('the tokens over it', async () => {
    const over = page.getByRole('link', { name: /existing tokens last longer$/ });
    const count = (await over.textContent())!.split(' ')[0]!;
    await over.click();
    await expect(page.getByRole('heading', { level: 1, name: 'Personal access tokens' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Remove filter: Lifetime over 45 days' })).toBeVisible();
    await expect(page.getByRole('table')).toHaveAccessibleName(new RegExp(`^${count} of `));
  });
  expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
});
