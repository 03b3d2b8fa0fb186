// Takes the screenshots of `cargo xtask screenshots`, each in light and dark. A test has the name of its state, and
// fails if the state cannot be reached.

import { join } from 'node:path';

import { THREE_WORKSPACES } from '../support/console.ts';
import { test } from '../support/fixtures.ts';
import { STATES, STATES_OF_SEVERAL_WORKSPACES } from './states.ts';

const FOLDER = process.env.SCREENSHOTS_FOLDER;

// As `cargo xtask demo` starts it.
test.use({ workspaceArguments: [] });

function takePictures(states: typeof STATES): void {
  for (const state of states) {
    test(state.name, async ({ page, workspace, console }, { project }) => {
      if (!FOLDER) throw new Error('SCREENSHOTS_FOLDER is not set; `cargo xtask screenshots` sets it');
      await state.open(page, workspace, console);
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        const path = join(FOLDER, `${state.name}-${project.name}-${theme}.png`);
        await page.screenshot({ path, animations: 'disabled' });
      }
    });
  }
}

takePictures(STATES);

test.describe('several workspaces', () => {
  test.use({ consoleConfig: THREE_WORKSPACES });
  takePictures(STATES_OF_SEVERAL_WORKSPACES);
});
