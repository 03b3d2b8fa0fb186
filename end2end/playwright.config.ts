import { defineConfig } from '@playwright/test';

import { BY_THE_CLOCK } from './support/fixtures.ts';

// Chromium's sandbox needs a user other than root. The other switches keep it from calling home, so that a test without a
// network is a test without a network.
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each worker has a workspace and a console of its own (support/fixtures.ts), so any two tests may run side by side.
  fullyParallel: true,
  workers: 3,
  // Two tests keep two processors busy; those that last as long on any machine run beside them.
  projects: [
    { name: 'at work', grepInvert: new RegExp(BY_THE_CLOCK), workers: 2 },
    { name: 'by the clock', grep: new RegExp(BY_THE_CLOCK), workers: 1 },
  ],
  // A test that passes at the second try has found something.
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./support/compact-reporter.ts']],
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [...sandbox, ...quiet],
    },
    locale: 'en-GB',
    timezoneId: 'UTC',
    // Recording costs every test a third of its time, and most failures can be had again: `-- --trace on` records it.
    trace: 'off',
  },
});
