import { defineConfig } from '@playwright/test';

import main from './playwright.config.ts';

// The main journey in Firefox. The channel selects Mozilla's own builds, which Playwright drives over WebDriver BiDi,
// rather than the patched builds that Playwright would download.
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
