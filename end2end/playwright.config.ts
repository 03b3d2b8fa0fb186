import { defineConfig } from '@playwright/test';

import { TIMING_SENSITIVE } from './support/fixtures.ts';

// Chromium's sandbox needs a user other than root. The other switches stop its own connections to the internet, so that
// no test depends on a network.
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const offline = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each worker has a workspace, and each test a console (support/fixtures.ts), so tests can run in parallel.
  fullyParallel: true,
  workers: 3,
  // Two tests keep two processors busy. Tests that mostly wait run in addition.
  projects: [
    { name: 'main', grepInvert: new RegExp(TIMING_SENSITIVE), workers: 2 },
    { name: 'timing-sensitive', grep: new RegExp(TIMING_SENSITIVE), workers: 1 },
  ],
  // No retries: a test that passes only at the second attempt has found a bug.
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./support/compact-reporter.ts']],
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [...sandbox, ...offline],
    },
    locale: 'en-GB',
    timezoneId: 'UTC',
    // Recording makes every test a third slower, and most failures can be reproduced with `-- --trace on`.
    trace: 'off',
  },
});
