// The page of findings: each number links to exactly its tokens, and a finding can be accepted for a while.

import { openAsAdmin } from '../support/console-page.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { FINDINGS_PATH } from '../support/paths.ts';
import { acceptFinding } from '../support/states.ts';

test('a number opens its tokens, and an accepted finding leaves the numbers until it is withdrawn', async ({
  page,
  workspace,
  console,
}) => {
  await openAsAdmin(page, workspace, console, FINDINGS_PATH);
  await waitForHydration(page);
  const navigation = page.getByRole('navigation', { name: 'Main' });
  await expect(navigation.getByRole('link', { name: /^Findings/ })).toHaveAttribute('aria-current', 'page');

  const review = page.locator('#never-expires').getByRole('link', { name: /^Review \d+ tokens/ });
  const count = Number(/\d+/.exec((await review.textContent()) ?? '')?.[0]);
  await review.click();
  await expect(page.getByRole('status').filter({ hasText: `${count} of` })).toBeAttached();

  await navigation.getByRole('link', { name: /^Findings/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Findings' })).toBeVisible();
  await waitForHydration(page);
  await acceptFinding(page, 'never-expires', 'rotated by the vendor');
  await expect(page.locator('#never-expires')).toHaveCount(0);
  const accepted = page.getByRole('region', { name: 'Accepted' });
  await expect(accepted.getByRole('listitem')).toContainText('rotated by the vendor');

  await accepted.getByRole('button', { name: 'Withdraw acceptance of “Never expires”' }).click();
  await expect(page.getByRole('status').getByText('is no longer accepted for the whole workspace.')).toBeVisible();
  await expect(page.locator('#never-expires')).toContainText(`${count} Never expires`);
});
