// The console under test.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DemoWorkspace } from './demo-workspace.ts';
import { ServerProcess, freePort, program } from './server-process.ts';

/** The name under which the console knows the demo workspace. */
export const WORKSPACE_NAME = 'acme-prod';

export class Console {
  private server: ServerProcess | undefined;
  private earlierLog = '';
  /** `http://127.0.0.1:PORT` */
  url = '';
  /** The page of the tokens. */
  readonly tokensPath = `/w/${WORKSPACE_NAME}/tokens`;

  private constructor(readonly dataDir: string, private readonly workspace: DemoWorkspace, private readonly args: string[]) {}

  /** Starts a console with an empty data directory on a free port. */
  static async start(workspace: DemoWorkspace, args: string[]): Promise<Console> {
    const it = new Console(await mkdtemp(join(tmpdir(), 'pat-console-')), workspace, args);
    // A port that was free may be taken by the time the console binds it.
    for (let attempt = 1; ; attempt++) {
      try {
        await it.launch(await freePort());
        return it;
      } catch (error) {
        if (attempt === 3 || !/in use/i.test(it.log)) throw error;
      }
    }
  }

  /** All that it wrote to standard error, over restarts. */
  get log(): string {
    return this.earlierLog + (this.server?.log ?? '');
  }

  /** Stops it and starts it again with the same data at the same address. */
  async restart(): Promise<void> {
    await this.server?.stop();
    await this.launch(Number(new URL(this.url).port));
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.server?.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private async launch(port: number): Promise<void> {
    this.earlierLog = this.log;
    this.url = `http://127.0.0.1:${port}`;
    this.server = new ServerProcess('the console', program('PAT_CONSOLE_BIN'), [
      'serve',
      ...['--listen', `127.0.0.1:${port}`],
      ...['--public-url', this.url],
      ...['--data-dir', this.dataDir],
      ...['--workspace', `${WORKSPACE_NAME}=${this.workspace.url}`],
      ...['--oauth-client-id', this.workspace.announced.oauth_client_id],
      ...this.args,
    ]);
    await this.server.answers(`${this.url}/readyz`);
  }
}
