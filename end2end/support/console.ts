// The console under test.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DemoWorkspace } from './demo-workspace.ts';
import { ServerProcess, freePort, program } from './server-process.ts';
import { type DatabaseChoice, SharedDatabase, startProxy } from './shared-database.ts';

/** The name under which the console knows the demo workspace. */
export const WORKSPACE_NAME = 'acme-prod';

/**
 * A configuration file for `consoleConfig`: the demo workspace under three names, with and without an environment. The
 * first has an auditor and an auditor connection.
 */
export const THREE_WORKSPACES = `
  [[workspace]]
  name = "acme-prod"
  url = "{URL}"
  environment = "production"
  oauth_client_id = "{OAUTH}"
  auditor_users = ["{NON_ADMIN}"]
  reader_client_id = "{READER}"
  reader_client_secret_file = "{READER_SECRET}"

  [[workspace]]
  name = "acme-staging"
  url = "{URL}"
  environment = "staging"
  colour = "amber"

  [[workspace]]
  name = "acme-lab"
  url = "{URL}"
  colour = "violet"
`;

export class Console {
  /** The instances and, if there are several, the proxy before them. */
  private servers: ServerProcess[] = [];
  private sharedDatabase: SharedDatabase | undefined;
  private earlierLog = '';
  /** `http://127.0.0.1:PORT` */
  url = '';

  private constructor(
    readonly dataDir: string,
    private readonly workspace: DemoWorkspace,
    private readonly args: string[],
    private readonly config: string,
    private readonly database: DatabaseChoice,
  ) {}

  /** Starts a console with an empty data directory, or an empty database, on a free port. */
  static async start(
    workspace: DemoWorkspace,
    args: string[],
    config = '',
    database: DatabaseChoice = 'SQLite',
  ): Promise<Console> {
    const folder = await mkdtemp(join(tmpdir(), 'pat-console-'));
    const instance = new Console(folder, workspace, args, config, database);
    if (database !== 'SQLite') instance.sharedDatabase = await SharedDatabase.create(folder);
    // Another process may take the free port before the console binds it.
    for (let attempt = 1; ; attempt++) {
      try {
        await instance.launch(await freePort());
        return instance;
      } catch (error) {
        if (attempt === 3 || !/in use/i.test(instance.log)) throw error;
      }
    }
  }

  /** Everything that it wrote to standard error, including before restarts. */
  get log(): string {
    return this.earlierLog + this.servers.map(server => server.log).join('');
  }

  /** Restarts it with the same data at the same URL. */
  async restart(): Promise<void> {
    await this.stopServers();
    await this.launch(Number(new URL(this.url).port));
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.stopServers();
    await this.sharedDatabase?.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private async launch(port: number): Promise<void> {
    this.earlierLog = this.log;
    this.url = `http://127.0.0.1:${port}`;
    const hasTwo = this.database === 'PostgreSQL, two instances';
    const ports = hasTwo ? [await freePort(), await freePort()] : [port];
    const settings = await this.workspaceArguments();
    this.servers = ports.map(listen => this.instance(listen, settings));
    if (hasTwo) this.servers.push(await startProxy(this.dataDir, port, ports));
    await Promise.all(
      this.servers.map((server, n) => server.waitUntilReady(`http://127.0.0.1:${ports[n] ?? port}/readyz`)),
    );
  }

  private instance(listen: number, settings: string[]): ServerProcess {
    return new ServerProcess('the console', program('PAT_CONSOLE_BIN'), [
      'serve',
      ...['--listen', `127.0.0.1:${listen}`],
      ...['--public-url', this.url],
      ...['--data-dir', this.dataDir],
      ...(this.sharedDatabase?.args ?? []),
      // A busy machine must not decide what a page shows. Tests of pages that are still loading set less.
      ...(this.args.includes('--part-wait-ms') ? [] : ['--part-wait-ms', '20000']),
      ...settings,
      ...this.args,
    ]);
  }

  /** The proxy first, so that it does not see the instances end. */
  private async stopServers(): Promise<void> {
    for (const server of this.servers.toReversed()) await server.stop();
  }

  /** Flags for the one workspace, or for a configuration file of several. */
  private async workspaceArguments(): Promise<string[]> {
    const { url, announced } = this.workspace;
    if (this.config === '')
      return ['--workspace', `${WORKSPACE_NAME}=${url}`, '--oauth-client-id', announced.oauth_client_id];
    const secret = join(this.dataDir, 'reader.secret');
    await writeFile(secret, `${announced.service_principal.client_secret}\n`);
    const values: Record<string, string> = {
      URL: url,
      OAUTH: announced.oauth_client_id,
      NON_ADMIN: announced.non_admin.id,
      READER: announced.service_principal.client_id,
      READER_SECRET: secret,
    };
    const file = join(this.dataDir, 'console.toml');
    await writeFile(
      file,
      this.config.replaceAll(/\{([A-Z_]+)\}/g, (_, name: string) => values[name]!),
    );
    return ['--config', file];
  }
}
