import { openAsAdmin } from '../support/console-page.ts';
import { test, waitForHydration } from '../support/fixtures.ts';
import { TOKENS_PATH } from '../support/paths.ts';
test.use({ workspaceArguments: [] });
for (const [name, path] of [['full-scopes', '/w/acme-prod/scopes'], ['full-more', `${TOKENS_PATH}?scope_state=state:PAUSED&more_filters=1`], ['full-token', 'TOKEN']] as const) {
  test(name, async ({ page, workspace, console }, { project }) => {
    if (path === 'TOKEN') {
      await openAsAdmin(page, workspace, console, `${TOKENS_PATH}?q=quarterly+tax`);
      await page.getByRole('rowheader').getByRole('link').first().click();
      await page.getByRole('heading', { name: 'Scopes' }).waitFor();
      await page.goto(page.url());
    } else await openAsAdmin(page, workspace, console, path);
    await waitForHydration(page);
    await page.emulateMedia({ colorScheme: process.env.THEME as 'light', reducedMotion: 'reduce' });
    await page.screenshot({ path: `../target/shots/${name}-${project.name}-${process.env.THEME}.png`, fullPage: true, animations: 'disabled' });
  });
}
