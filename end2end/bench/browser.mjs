// Measures the token page in Chromium: its bytes, its layout, and how soon it can be read and filtered on a phone.
// `cargo xtask bench` starts it. Prints Markdown.

import { chromium } from '@playwright/test';

import { layoutTable } from './layout.mjs';
import { refuseNames, signIn, startConsole, startWorkspace, stopPrograms } from './programs.mjs';
import { staticPageTable } from './static-page.mjs';
import { typingTable } from './typing.mjs';
import { visitsTable } from './visits.mjs';

const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const offline = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** A console with the URL of its token list, and the state of a browser that is signed in but has cached nothing. */
async function openConsole(browser, workspace) {
  const origin = await startConsole(workspace);
  const { cookies, ...rest } = await signIn(browser, origin, workspace);
  const state = { ...rest, cookies: cookies.filter(cookie => !cookie.name.startsWith('styles')) };
  return { url: `${origin}/w/acme/tokens`, state };
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: [...sandbox, ...offline] });
try {
  const workspace = await startWorkspace();
  const target = await openConsole(browser, workspace);
  // A separate workspace, because it refuses these calls from then on.
  const refusing = await startWorkspace();
  await refuseNames(refusing);
  const tables = [
    await visitsTable(browser, target),
    await layoutTable(browser, target, await openConsole(browser, refusing)),
    await staticPageTable(browser, workspace),
    await typingTable(browser, target),
  ];
  console.log(tables.map(lines => lines.join('\n')).join('\n\n'));
} finally {
  await browser.close();
  stopPrograms();
}
