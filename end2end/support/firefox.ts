// Firefox as Debian has it, driven by Playwright over WebDriver BiDi.

import type { Browser } from '@playwright/test';

/** The command that Playwright sends for every new context to set the theme. Firefox lacks it; its default is light. */
const MISSING_COMMAND = 'emulation.setMediaFeaturesOverride';

interface Session {
  send(command: string, parameters: unknown): Promise<unknown>;
}

/**
 * Does not send Firefox a command that it does not know, because otherwise no context can be created. This uses
 * internals of Playwright; if a version moves these objects, every test in Firefox fails.
 */
export function keepMissingCommandFrom(browser: Browser): void {
  const { _connection: connection } = browser as unknown as {
    _connection: { toImpl(object: unknown): { _browserSession: Session } };
  };
  const session = connection.toImpl(browser)._browserSession;
  const send = session.send.bind(session);
  session.send = async (command, parameters) => (command === MISSING_COMMAND ? {} : send(command, parameters));
}
