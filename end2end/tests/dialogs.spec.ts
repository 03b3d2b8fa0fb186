// Dialogs, which are confirmation pages shown over another page: the focus, the page behind, requests and
// announcements.

import type { Page } from '@playwright/test';

import { calls, openAsAdmin, openSignedIn, statusMessage, tokenRow, tokenSwitch } from '../support/console-page.ts';
import type { Console } from '../support/console.ts';
import { type DemoWorkspace, jsonError } from '../support/demo-workspace.ts';
import { expect, test, waitForHydration } from '../support/fixtures.ts';
import { CONF_API, PERMISSIONS_PATH, SETTINGS_PATH, TOKENS_API, TOKENS_PATH } from '../support/paths.ts';

const COMMENTS = ['dialog: first', 'dialog: second', 'dialog: third'];

/** Creates three tokens and opens a list of only these, newest first. Returns their IDs. */
async function openThreeTokens(page: Page, workspace: DemoWorkspace, console: Console): Promise<string[]> {
  const ids: string[] = [];
  for (const [days, comment] of COMMENTS.entries()) {
    const { token_id } = await workspace.createToken({
      owner: workspace.otherAdmin.user_name,
      comment,
      created_days_ago: days + 1,
      lifetime_days: 90,
    });
    ids.push(token_id);
  }
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=dialog%3A`);
  await expect(page.getByRole('table').getByRole('row')).toHaveCount(4);
  await waitForHydration(page);
  return ids;
}

function revokeButton(page: Page, comment: string) {
  return tokenRow(page, comment).getByRole('button', { name: 'Revoke' });
}

function revokeDialog(page: Page) {
  return page.getByRole('dialog', { name: /^Revoke “/ });
}

/** Whether focus is in the open dialog. */
function isFocusInDialog(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement?.closest('dialog[open]') !== null);
}

test.describe('revoking a token', () => {
  let ids: string[];

  test.beforeEach(async ({ page, workspace, console }) => {
    ids = await openThreeTokens(page, workspace, console);
  });

  test('focus starts on the heading and never leaves the dialog', { tag: ['@D1', '@D2', '@D5'] }, async ({ page }) => {
    await revokeButton(page, 'dialog: second').click();
    await expect(revokeDialog(page).getByRole('heading', { level: 1 })).toBeFocused();
    const focused = new Set<string>();
    for (const key of [...Array(8).fill('Tab'), ...Array(8).fill('Shift+Tab')]) {
      await page.keyboard.press(key);
      const place = await page.evaluate(() => {
        const active = document.activeElement!;
        // After the last control, focus passes through the browser's own controls, which a page sees as its body.
        return active === document.body
          ? 'browser'
          : active.closest('dialog[open]')
            ? active.textContent!.trim()
            : `outside: ${active.outerHTML}`;
      });
      expect(place).not.toContain('outside');
      focused.add(place);
    }
    expect([...focused]).toEqual(expect.arrayContaining(['Cancel', 'Revoke dialog: second']));
  });

  test('Cancel is a button that Space presses', { tag: '@D5' }, async ({ page, workspace }) => {
    await revokeButton(page, 'dialog: second').click();
    await revokeDialog(page).getByRole('button', { name: 'Cancel' }).focus();
    await page.keyboard.press('Space');
    await expect(revokeDialog(page)).toBeHidden();
    await expect(page).toHaveURL(/\?q=dialog%3A$/);
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toEqual([]);
  });

  test(
    'while the confirmation loads, the dialog says so and can be cancelled; the tabs show one tool at a time',
    { tag: '@D12' },
    async ({ page }) => {
      let release = () => {};
      const released = new Promise<void>(resolve => (release = resolve));
      await page.route('**/revoke?*', async route => {
        await released;
        await route.continue();
      });
      const loading = page.getByRole('dialog').getByText('Loading…');
      await revokeButton(page, 'dialog: second').click();
      await expect(loading).toBeVisible();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await expect(loading).toBeHidden();
      await revokeButton(page, 'dialog: second').click();
      release();
      const dialog = revokeDialog(page);
      await dialog.getByText(/^Details: acting as/).click();
      await expect(dialog.getByText('databricks token-management delete')).toBeVisible();
      await dialog.getByRole('radio', { name: 'CLI' }).focus();
      await page.keyboard.press('ArrowRight');
      await expect(dialog.getByText('curl --fail-with-body')).toBeVisible();
      await expect(dialog.getByText('databricks token-management delete')).toBeHidden();
    },
  );

  test('closing the dialog sends nothing and restores focus', { tag: '@D3' }, async ({ page, workspace }) => {
    const closings: [string, () => Promise<void>][] = [
      ['Escape', () => page.keyboard.press('Escape')],
      ['Cancel', () => revokeDialog(page).getByRole('button', { name: 'Cancel' }).click()],
      ['backdrop', () => page.mouse.click(5, 400)],
    ];
    for (const [name, close] of closings) {
      await test.step(name, async () => {
        await revokeButton(page, 'dialog: second').click();
        await expect(revokeDialog(page).getByRole('heading', { level: 1 })).toBeFocused();
        const sent: string[] = [];
        const record = (request: { url(): string }) => sent.push(request.url());
        page.on('request', record);
        await close();
        await expect(revokeDialog(page)).toBeHidden();
        await expect(revokeButton(page, 'dialog: second')).toBeFocused();
        page.off('request', record);
        expect(sent).toEqual([]);
      });
    }
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toEqual([]);
    await expect(page.getByRole('table').getByRole('row')).toHaveCount(4);
  });

  test(
    'the dialog is modal, named by its title, and has two buttons that say what they do',
    { tag: ['@D4', '@D7', '@D8', '@D9', '@D13'] },
    async ({ page }) => {
      await revokeButton(page, 'dialog: second').click();
      const dialog = revokeDialog(page);
      await expect(dialog.getByRole('heading', { level: 1, name: 'Revoke “dialog: second”' })).toBeVisible();
      await expect(dialog.getByRole('button').filter({ hasNotText: 'Copy' })).toHaveText([
        'Cancel',
        'Revoke dialog: second',
      ]);
      await expect(
        dialog
          .getByRole('strong')
          .or(dialog.getByText('dialog: second', { exact: true }))
          .first(),
      ).toBeVisible();
      await expect(dialog).toContainText(ids[1]!);
      await expect(dialog).toContainText('This cannot be undone.');
      await expect(page.getByRole('dialog')).toHaveCount(1);
      const tree = await accessibilityTree(page);
      expect(tree.filter(node => node.role === 'dialog')).toEqual([
        { role: 'dialog', name: 'Revoke “dialog: second”?', modal: true },
      ]);
    },
  );

  test(
    'the page behind the dialog does not scroll, and no keyboard, pointer or screen reader reaches it',
    { tag: '@D6' },
    async ({ page }) => {
      const account = page.getByRole('button', { name: /account menu$/ });
      const place = (await account.boundingBox())!;
      expect((await accessibilityTree(page)).some(node => node.name.endsWith('account menu'))).toBe(true);
      await revokeButton(page, 'dialog: second').click();
      await expect(revokeDialog(page).getByRole('heading', { level: 1 })).toBeFocused();
      const tree = await accessibilityTree(page);
      expect(tree.some(node => node.role === 'button' && node.name === 'Revoke dialog: second')).toBe(true);
      expect(tree.some(node => node.name.endsWith('account menu'))).toBe(false);
      await account.evaluate(element => (element as HTMLElement).focus());
      expect(await isFocusInDialog(page)).toBe(true);
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).overflowY)).toBe('hidden');
      // A click there hits the backdrop: the dialog closes, and the session does not end.
      await page.mouse.click(place.x + place.width / 2, place.y + place.height / 2);
      await expect(revokeDialog(page)).toBeHidden();
      await expect(account).toBeVisible();
    },
  );

  test('a double click sends one DELETE', { tag: '@D12' }, async ({ page, workspace }) => {
    await revokeButton(page, 'dialog: second').click();
    await revokeDialog(page).getByRole('button', { name: 'Revoke' }).dblclick();
    await expect(statusMessage(page)).toContainText('was revoked.');
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toMatchObject([
      { path: `${TOKENS_API}/${ids[1]}`, status: 200 },
    ]);
  });

  test(
    'during the revocation the buttons are disabled, clicks send nothing, and Escape does not close the dialog',
    { tag: '@D12' },
    async ({ page, workspace }) => {
      await workspace.addFault({ method: 'DELETE', path: TOKENS_API, delay_ms: 2500, effect: { kind: 'none' } });
      await revokeButton(page, 'dialog: second').click();
      const dialog = revokeDialog(page);
      const revoke = dialog.getByRole('button', { name: 'Revoke' });
      await revoke.click();
      await expect(revoke).toBeDisabled();
      await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeDisabled();
      await expect(dialog).toHaveAttribute('aria-busy', 'true');
      await expect(dialog.getByRole('status')).toHaveText('Revoking…');
      await revoke.click({ force: true });
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.mouse.click(5, 400);
      await expect(dialog).toBeVisible();
      expect(await calls(workspace, 'DELETE', TOKENS_API), 'the call has not finished').toEqual([]);
      await expect(statusMessage(page)).toContainText('was revoked.');
      await expect(dialog).toBeHidden();
      expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(1);
    },
  );

  test(
    'after a revocation the result is announced, and focus moves to the next row, the last row or the page',
    { tag: ['@D3', '@N1'] },
    async ({ page }) => {
      const revoke = async (comment: string) => {
        await revokeButton(page, comment).click();
        await revokeDialog(page).getByRole('button', { name: 'Revoke' }).click();
        await expect(statusMessage(page)).toContainText(new RegExp(`${comment}.*was revoked\\.`));
        await expect(tokenRow(page, comment)).toHaveCount(0);
        await expect(revokeDialog(page)).toBeHidden();
      };
      // A live region announces only what is added while it exists.
      await expect(statusMessage(page)).toHaveText('');
      await revoke('dialog: second');
      await expect(revokeButton(page, 'dialog: third')).toBeFocused();
      await revoke('dialog: third');
      await expect(revokeButton(page, 'dialog: first')).toBeFocused();
      await revoke('dialog: first');
      await expect(page.getByRole('heading', { name: 'No tokens match your filters' })).toBeVisible();
      expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
    },
  );

  test('a failure is an alert in the dialog, and trying again works', { tag: '@N1' }, async ({ page, workspace }) => {
    await workspace.addFault({
      method: 'DELETE',
      path: TOKENS_API,
      effect: jsonError(500, 'INTERNAL_ERROR', 'upstream text'),
    });
    await revokeButton(page, 'dialog: second').click();
    const dialog = revokeDialog(page);
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await expect(dialog.getByRole('alert')).toContainText('acme-prod is having problems');
    expect(await isFocusInDialog(page)).toBe(true);
    await expect(dialog).toContainText('dialog: second');
    await expect(page).toHaveURL(/\/tokens\?q=dialog%3A$/);
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toMatchObject([{ status: 500 }]);
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await expect(statusMessage(page)).toContainText('was revoked.');
    await expect(page.getByRole('alert').filter({ hasText: /./ })).toHaveCount(0);
    await expect(revokeButton(page, 'dialog: third')).toBeFocused();
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(2);
  });

  test('a revocation without effect is not reported as done', { tag: '@B2' }, async ({ page, workspace }) => {
    await workspace.addFault({ method: 'DELETE', path: TOKENS_API, effect: { kind: 'ignore' } });
    await revokeButton(page, 'dialog: second').click();
    await revokeDialog(page).getByRole('button', { name: 'Revoke' }).click();
    await expect(revokeDialog(page).getByRole('alert')).toContainText('Accepted, but not confirmed');
    await page.keyboard.press('Escape');
    await expect(tokenRow(page, 'dialog: second')).toHaveCount(1);
  });

  test('a token that someone else revoked in the meantime counts as revoked', async ({ page, workspace }) => {
    await revokeButton(page, 'dialog: second').click();
    await expect(revokeDialog(page).getByRole('button', { name: 'Revoke' })).toBeVisible();
    await workspace.change({ change: 'revoke_token', token_id: ids[1]! });
    await revokeDialog(page).getByRole('button', { name: 'Revoke' }).click();
    await expect(statusMessage(page)).toContainText('was revoked.');
    await expect(tokenRow(page, 'dialog: second')).toHaveCount(0);
  });

  test(
    'the dialog fits 320 by 256 px and scrolls, and its buttons can be reached',
    { tag: '@D14' },
    async ({ page }) => {
      // Without an animation, the dialog is measured in its final position.
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 320, height: 256 });
      await revokeButton(page, 'dialog: second').click();
      const dialog = revokeDialog(page);
      await expect(dialog.getByRole('heading', { level: 1 })).toBeFocused();
      const box = (await dialog.boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(320);
      expect(box.y + box.height).toBeLessThanOrEqual(256);
      expect(await dialog.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0);
      const consequence = dialog.getByText('This cannot be undone.');
      await consequence.scrollIntoViewIfNeeded();
      await expect(consequence).toBeInViewport();
      await expect(dialog.getByRole('button', { name: 'Revoke' })).toBeInViewport({ ratio: 1 });
      await dialog.getByRole('button', { name: 'Revoke' }).click();
      await expect(statusMessage(page)).toContainText('was revoked.');
    },
  );
});

test("the session's own token is marked, and revoking it signs out", async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=Mia%27s+laptop`);
  const row = tokenRow(page, "Mia's laptop");
  await expect(row).toContainText('This session');
  await expect(page.getByRole('table').getByText('This session')).toHaveCount(1);
  await row.getByRole('button', { name: 'Revoke' }).click();
  await expect(revokeDialog(page)).toContainText('You are signed in with this token.');
  await revokeDialog(page).getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await expect(statusMessage(page)).toContainText('You have been signed out.');
});

test.describe('disabling tokens while signed in with one', () => {
  function disableDialog(page: Page) {
    return page.getByRole('dialog', { name: 'Disable personal access tokens in acme-prod' });
  }

  test.beforeEach(async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, SETTINGS_PATH);
    await waitForHydration(page);
    await tokenSwitch(page).click();
    await expect(disableDialog(page).getByRole('textbox', { name: 'Type acme-prod to confirm' })).toBeFocused();
  });

  test(
    'Confirm is disabled until the name is typed, in upper or lower case',
    { tag: ['@D10', '@D11'] },
    async ({ page, workspace }) => {
      const confirm = disableDialog(page).getByRole('button', { name: 'Confirm' });
      const name = disableDialog(page).getByRole('textbox', { name: 'Type acme-prod to confirm' });
      await expect(confirm).toBeDisabled();
      await name.fill('acme-pro');
      await expect(confirm).toBeDisabled();
      await name.press('Enter');
      await name.fill('ACME-Prod');
      await expect(confirm).toBeEnabled();
      await name.fill('acme-production');
      await expect(confirm).toBeDisabled();
      expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
      await name.fill('ACME-PROD');
      await name.press('Enter');
      await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
      expect(await calls(workspace, 'PATCH', CONF_API)).toMatchObject([{ status: 204 }]);
    },
  );

  test('the name can be pasted, and is cleared when the dialog closes', { tag: '@D11' }, async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => navigator.clipboard.writeText('acme-prod'));
    const confirm = disableDialog(page).getByRole('button', { name: 'Confirm' });
    await page.keyboard.press('Control+V');
    await expect(confirm).toBeEnabled();
    await page.keyboard.press('Escape');
    await expect(disableDialog(page)).toBeHidden();
    await expect(tokenSwitch(page)).toBeFocused();
    await page.keyboard.press('Space');
    await expect(disableDialog(page).getByRole('textbox', { name: 'Type acme-prod to confirm' })).toHaveValue('');
    await expect(confirm).toBeDisabled();
  });
});

test('a session by OAuth keeps access, so nothing has to be typed', { tag: '@D10' }, async ({ page, workspace }) => {
  await openSignedIn(page, workspace, SETTINGS_PATH);
  await waitForHydration(page);
  await tokenSwitch(page).click();
  const dialog = page.getByRole('dialog', { name: 'Disable personal access tokens in acme-prod' });
  await expect(dialog.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Confirm' })).toBeEnabled();
  await expect(dialog.getByRole('textbox')).toHaveCount(0);
  await expect(dialog).toContainText('You keep access');
});

interface AccessibilityNode {
  role: string;
  name: string;
  modal: boolean;
}

/** The accessibility tree that Chromium exposes to screen readers. */
async function accessibilityTree(page: Page): Promise<AccessibilityNode[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter(node => !node.ignored)
    .map(node => ({
      role: String(node.role?.value ?? ''),
      name: String(node.name?.value ?? ''),
      modal: node.properties?.some(property => property.name === 'modal' && property.value.value === true) ?? false,
    }));
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`on a confirmation page ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled });

    test('Cancel is a button, and Space presses it', async ({ page, workspace, console }) => {
      await openAsAdmin(page, workspace, console, '/healthz');
      await page.goto(PERMISSIONS_PATH);
      if (javaScriptEnabled) await waitForHydration(page);
      await page.getByRole('button', { name: 'Remove analytics' }).click();
      await page.getByRole('button', { name: 'Review changes' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Review permission changes' })).toBeVisible();
      for (const [path, back] of [
        [page.url(), PERMISSIONS_PATH],
        [`${TOKENS_PATH}/new`, TOKENS_PATH],
        [`${SETTINGS_PATH}/switch?to=off`, SETTINGS_PATH],
      ] as const) {
        await page.goto(path);
        const cancel = page.getByRole('main').getByRole('button', { name: 'Cancel' });
        await cancel.focus();
        await page.keyboard.press('Space');
        await expect(page, path).toHaveURL(new RegExp(`${back}(\\?.*)?$`));
      }
    });
  });
}
