// Dialogs, which are confirm pages shown in place: where the keyboard is, what lies behind, what is sent, and what is said. The rules D1 to D14 and N1 are those
// of the titles.

import type { Page } from '@playwright/test';

import {
  CONF_API,
  TOKENS_API,
  calls,
  openAsAdmin,
  openSignedIn,
  said,
  tokenRow,
  tokenSwitch,
} from '../support/console-page.ts';
import type { DemoWorkspace } from '../support/demo-workspace.ts';
import { expect, hydrated, test } from '../support/fixtures.ts';

const COMMENTS = ['dialog: first', 'dialog: second', 'dialog: third'];

/** Three tokens, newest first, of which the list is filtered to nothing else. */
async function threeTokens(
  page: Page,
  workspace: DemoWorkspace,
  console: Parameters<typeof openAsAdmin>[2],
): Promise<string[]> {
  const ids: string[] = [];
  for (const [days, comment] of COMMENTS.entries()) {
    const made = await workspace.createToken({
      owner: workspace.otherAdmin.user_name,
      comment,
      created_days_ago: days + 1,
      lifetime_days: 90,
    });
    ids.push(made.token_id);
  }
  await openAsAdmin(page, workspace, console, `${console.tokensPath}?q=dialog%3A`);
  await expect(page.getByRole('table').getByRole('row')).toHaveCount(4);
  await hydrated(page);
  return ids;
}

function opener(page: Page, comment: string) {
  return tokenRow(page, comment).getByRole('button', { name: 'Revoke' });
}

function revokeDialog(page: Page) {
  return page.getByRole('dialog', { name: /^Revoke “/ });
}

/** Whether the keyboard is inside the open dialog. */
function focusInside(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement?.closest('dialog[open]') !== null);
}

test.describe('revoking', () => {
  let ids: string[];

  test.beforeEach(async ({ page, workspace, console }) => {
    ids = await threeTokens(page, workspace, console);
  });

  test('D1 D2 D5: the keyboard begins on Cancel and Tab never leaves the dialog', async ({ page }) => {
    await opener(page, 'dialog: second').click();
    const cancel = revokeDialog(page).getByRole('button', { name: 'Cancel' });
    await expect(cancel).toBeFocused();
    const seen = new Set<string>();
    for (const key of [...Array(8).fill('Tab'), ...Array(8).fill('Shift+Tab')]) {
      await page.keyboard.press(key);
      const where = await page.evaluate(() => {
        const active = document.activeElement!;
        // From the last stop the keyboard goes round by way of the browser's own controls, which a page sees as its body.
        return active === document.body
          ? 'browser'
          : active.closest('dialog[open]')
            ? active.textContent!.trim()
            : `outside: ${active.outerHTML}`;
      });
      expect(where).not.toContain('outside');
      seen.add(where);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['Cancel', 'Revoke']));
  });

  test('D3: Escape, Cancel and the backdrop send nothing and give the keyboard back to the opener', async ({
    page,
    workspace,
  }) => {
    const ways: [string, () => Promise<void>][] = [
      ['Escape', () => page.keyboard.press('Escape')],
      ['Cancel', () => revokeDialog(page).getByRole('button', { name: 'Cancel' }).click()],
      ['backdrop', () => page.mouse.click(5, 400)],
    ];
    for (const [way, close] of ways) {
      await test.step(way, async () => {
        await opener(page, 'dialog: second').click();
        await expect(revokeDialog(page).getByRole('button', { name: 'Cancel' })).toBeFocused();
        const sent: string[] = [];
        const note = (request: { url(): string }) => sent.push(request.url());
        page.on('request', note);
        await close();
        await expect(revokeDialog(page)).toBeHidden();
        await expect(opener(page, 'dialog: second')).toBeFocused();
        page.off('request', note);
        expect(sent).toEqual([]);
      });
    }
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toEqual([]);
    await expect(page.getByRole('table').getByRole('row')).toHaveCount(4);
  });

  test('D4 D7 D8 D9 D13: it is a modal dialog named by its title, with two buttons that say what they do', async ({
    page,
  }) => {
    await opener(page, 'dialog: second').click();
    const dialog = revokeDialog(page);
    await expect(dialog.getByRole('heading', { level: 1, name: 'Revoke “dialog: second”' })).toBeVisible();
    await expect(dialog.getByRole('button').filter({ hasNotText: 'Copy' })).toHaveText(['Cancel', 'Revoke']);
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
      { role: 'dialog', name: 'Revoke “dialog: second”', modal: true },
    ]);
  });

  test('D6: what lies behind is out of reach for keyboard, pointer and screen reader, and does not scroll', async ({
    page,
  }) => {
    const signOut = page.getByRole('button', { name: 'Sign out' });
    const place = (await signOut.boundingBox())!;
    expect((await accessibilityTree(page)).some(node => node.name === 'Sign out')).toBe(true);
    await opener(page, 'dialog: second').click();
    await expect(revokeDialog(page).getByRole('button', { name: 'Cancel' })).toBeFocused();
    const tree = await accessibilityTree(page);
    expect(tree.some(node => node.role === 'button' && node.name === 'Revoke')).toBe(true);
    expect(tree.some(node => node.name === 'Sign out')).toBe(false);
    await signOut.evaluate(element => (element as HTMLElement).focus());
    expect(await focusInside(page)).toBe(true);
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).overflowY)).toBe('hidden');
    // A click there hits the backdrop: the dialog closes, and nobody is signed out.
    await page.mouse.click(place.x + place.width / 2, place.y + place.height / 2);
    await expect(revokeDialog(page)).toBeHidden();
    await expect(signOut).toBeVisible();
  });

  test('D12: a double click sends one DELETE', async ({ page, workspace }) => {
    await opener(page, 'dialog: second').click();
    await revokeDialog(page).getByRole('button', { name: 'Revoke' }).dblclick();
    await expect(said(page)).toContainText('was revoked.');
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toMatchObject([
      { path: `${TOKENS_API}/${ids[1]}`, status: 200 },
    ]);
  });

  test('D12: while it runs the buttons are busy, a click sends nothing more, and Escape does not pretend to cancel', async ({
    page,
    workspace,
  }) => {
    await workspace.fault({ method: 'DELETE', path: TOKENS_API, delay_ms: 2500, effect: { kind: 'none' } });
    await opener(page, 'dialog: second').click();
    const dialog = revokeDialog(page);
    const revoke = dialog.getByRole('button', { name: 'Revoke' });
    await revoke.click();
    await expect(revoke).toBeDisabled();
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeDisabled();
    await expect(dialog).toHaveAttribute('aria-busy', 'true');
    await revoke.click({ force: true });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 400);
    await expect(dialog).toBeVisible();
    expect(await calls(workspace, 'DELETE', TOKENS_API), 'the call is still under way').toEqual([]);
    await expect(said(page)).toContainText('was revoked.');
    await expect(dialog).toBeHidden();
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(1);
  });

  test('D3 N1: after revoking the result is spoken and the keyboard is on the next row, then on the last, then on the page', async ({
    page,
  }) => {
    const revoke = async (comment: string) => {
      await opener(page, comment).click();
      await revokeDialog(page).getByRole('button', { name: 'Revoke' }).click();
      await expect(said(page)).toContainText(new RegExp(`${comment}.*was revoked\\.`));
      await expect(tokenRow(page, comment)).toHaveCount(0);
      await expect(revokeDialog(page)).toBeHidden();
    };
    // A live region speaks only what comes into it while it is there.
    await expect(said(page)).toHaveText('');
    await revoke('dialog: second');
    await expect(opener(page, 'dialog: third')).toBeFocused();
    await revoke('dialog: third');
    await expect(opener(page, 'dialog: first')).toBeFocused();
    await revoke('dialog: first');
    await expect(page.getByRole('heading', { name: 'No tokens match your filters' })).toBeVisible();
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
  });

  test('N1: a failure is told as an alert in the dialog, and trying again works', async ({ page, workspace }) => {
    await workspace.fault({
      method: 'DELETE',
      path: TOKENS_API,
      effect: {
        kind: 'answer',
        status: 500,
        body: { kind: 'json_error', error_code: 'INTERNAL_ERROR', message: 'upstream words' },
      },
    });
    await opener(page, 'dialog: second').click();
    const dialog = revokeDialog(page);
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await expect(dialog.getByRole('alert')).toContainText('acme-prod is having problems');
    expect(await focusInside(page)).toBe(true);
    await expect(dialog).toContainText('dialog: second');
    await expect(page).toHaveURL(/\/tokens\?q=dialog%3A$/);
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toMatchObject([{ status: 500 }]);
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await expect(said(page)).toContainText('was revoked.');
    await expect(page.getByRole('alert').filter({ hasText: /./ })).toHaveCount(0);
    await expect(opener(page, 'dialog: third')).toBeFocused();
    expect(await calls(workspace, 'DELETE', TOKENS_API)).toHaveLength(2);
  });

  test('B2: a success that did nothing is told as a failure', async ({ page, workspace }) => {
    await workspace.fault({ method: 'DELETE', path: TOKENS_API, effect: { kind: 'ignore' } });
    await opener(page, 'dialog: second').click();
    await revokeDialog(page).getByRole('button', { name: 'Revoke' }).click();
    await expect(revokeDialog(page).getByRole('alert')).toContainText('Accepted, but not confirmed');
    await page.keyboard.press('Escape');
    await expect(tokenRow(page, 'dialog: second')).toHaveCount(1);
  });

  test('a token that somebody else revoked meanwhile counts as done', async ({ page, workspace }) => {
    await opener(page, 'dialog: second').click();
    await expect(revokeDialog(page).getByRole('button', { name: 'Revoke' })).toBeVisible();
    await workspace.change({ change: 'revoke_token', token_id: ids[1]! });
    await revokeDialog(page).getByRole('button', { name: 'Revoke' }).click();
    await expect(said(page)).toContainText('was revoked.');
    await expect(tokenRow(page, 'dialog: second')).toHaveCount(0);
  });

  test('D14: it fits 320 by 256 with its own scroll, and its buttons can be reached', async ({ page }) => {
    // So that it is measured where it comes to rest.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 320, height: 256 });
    await opener(page, 'dialog: second').click();
    const dialog = revokeDialog(page);
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    const box = (await dialog.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.y).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(320);
    expect(box.y + box.height).toBeLessThanOrEqual(256);
    expect(await dialog.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0);
    const facts = dialog.getByText('This cannot be undone.');
    await facts.scrollIntoViewIfNeeded();
    await expect(facts).toBeInViewport();
    await expect(dialog.getByRole('button', { name: 'Revoke' })).toBeInViewport({ ratio: 1 });
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await expect(said(page)).toContainText('was revoked.');
  });
});

test('the own token is marked, and revoking it signs one out', async ({ page, workspace, console }) => {
  await openAsAdmin(page, workspace, console, `${console.tokensPath}?q=Mia%27s+laptop`);
  const row = tokenRow(page, "Mia's laptop");
  await expect(row).toContainText('This session');
  await expect(page.getByRole('table').getByText('This session')).toHaveCount(1);
  await row.getByRole('button', { name: 'Revoke' }).click();
  await expect(revokeDialog(page)).toContainText('You are signed in with this token.');
  await revokeDialog(page).getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await expect(said(page)).toContainText('You have been signed out.');
});

test.describe('switching off what one is signed in with', () => {
  function dialogOf(page: Page) {
    return page.getByRole('dialog', { name: 'Disable personal access tokens in acme-prod' });
  }

  test.beforeEach(async ({ page, workspace, console }) => {
    await openAsAdmin(page, workspace, console, '/w/acme-prod/settings/advanced');
    await hydrated(page);
    await tokenSwitch(page).click();
    await expect(dialogOf(page).getByRole('textbox', { name: 'Type acme-prod to confirm' })).toBeFocused();
  });

  test('D10 D11: Confirm stays shut until the name is typed, in any case', async ({ page, workspace }) => {
    const confirm = dialogOf(page).getByRole('button', { name: 'Confirm' });
    const typed = dialogOf(page).getByRole('textbox', { name: 'Type acme-prod to confirm' });
    await expect(confirm).toBeDisabled();
    await typed.fill('acme-pro');
    await expect(confirm).toBeDisabled();
    await typed.press('Enter');
    await typed.fill('ACME-Prod');
    await expect(confirm).toBeEnabled();
    await typed.fill('acme-production');
    await expect(confirm).toBeDisabled();
    expect(await calls(workspace, 'PATCH', CONF_API)).toEqual([]);
    await typed.fill('ACME-PROD');
    await typed.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
    expect(await calls(workspace, 'PATCH', CONF_API)).toMatchObject([{ status: 204 }]);
  });

  test('D11: the name may be pasted, and is forgotten when the dialog closes', async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => navigator.clipboard.writeText('acme-prod'));
    const confirm = dialogOf(page).getByRole('button', { name: 'Confirm' });
    await page.keyboard.press('Control+V');
    await expect(confirm).toBeEnabled();
    await page.keyboard.press('Escape');
    await expect(dialogOf(page)).toBeHidden();
    await expect(tokenSwitch(page)).toBeFocused();
    await page.keyboard.press('Space');
    await expect(dialogOf(page).getByRole('textbox', { name: 'Type acme-prod to confirm' })).toHaveValue('');
    await expect(confirm).toBeDisabled();
  });
});

test('D10: by OAuth one keeps access, so nothing is to be typed', async ({ page, workspace }) => {
  await openSignedIn(page, workspace, '/w/acme-prod/settings/advanced');
  await hydrated(page);
  await tokenSwitch(page).click();
  const dialog = page.getByRole('dialog', { name: 'Disable personal access tokens in acme-prod' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expect(dialog.getByRole('button', { name: 'Confirm' })).toBeEnabled();
  await expect(dialog.getByRole('textbox')).toHaveCount(0);
  await expect(dialog).toContainText('You keep access');
});

interface Node {
  role: string;
  name: string;
  modal: boolean;
}

/** What Chromium tells a screen reader. */
async function accessibilityTree(page: Page): Promise<Node[]> {
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
