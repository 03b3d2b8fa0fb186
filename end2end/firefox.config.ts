import { defineConfig } from '@playwright/test';

import main from './playwright.config.ts';

// The main journey in Firefox. Its channel means Mozilla's own builds, which Playwright drives over WebDriver BiDi, and
// not the patched ones that Playwright would download.
export default defineConfig({
  ...main,
  projects: [{ name: 'firefox', testMatch: 'journey.spec.ts', grep: /signed in by PAT, with JavaScript/ }],
  use: {
    ...main.use,
    browserName: 'firefox',
    channel: 'moz-firefox',
    launchOptions: { executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr' },
  },
});
