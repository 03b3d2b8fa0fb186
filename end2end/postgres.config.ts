import { defineConfig } from '@playwright/test';

import main from './playwright.config.ts';
import type { DatabaseOption } from './support/fixtures.ts';

// The main journey on PostgreSQL: with one instance, and with two behind nginx.
export default defineConfig<DatabaseOption>({
  ...main,
  testMatch: 'journey.spec.ts',
  workers: 2,
  projects: [
    {
      name: 'one-instance',
      grep: /signed in by PAT, with JavaScript/,
      use: { database: 'PostgreSQL' },
    },
    {
      name: 'two-instances',
      grep: /signed in by OAuth, with JavaScript|signed in by PAT, without JavaScript/,
      use: { database: 'PostgreSQL, two instances' },
    },
  ],
});
