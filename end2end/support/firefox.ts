// Firefox as Debian has it, driven by Playwright over WebDriver BiDi.

import type { Browser } from '@playwright/test';

/** What Playwright sends for every new context to fix the theme, and Firefox does not have: its default is light. */
const MISSING_COMMAND = 'emulation.setMediaFeaturesOverride';

interface Session {
  send(command: string, parameters: unknown): Promise<unknown>;
}

/**
 * Keeps a command from Firefox that it does not know, since no context can be created otherwise. This reaches into
 * Playwright, which has no interface for it; a version that moves these objects fails every test in Firefox.
 */
export function keepMissingCommandFrom(browser: Browser): void {
  const { _connection: connection } = browser as unknown as {
    _connection: { toImpl(object: unknown): { _browserSession: Session } };
  };
  const session = connection.toImpl(browser)._browserSession;
  const send = session.send.bind(session);
  session.send = async (command, parameters) => (command === MISSING_COMMAND ? {} : send(command, parameters));
}
