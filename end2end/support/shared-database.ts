// A PostgreSQL database for one console or several, and the proxy in front of several.

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ServerProcess, program } from './server-process.ts';

/** Where a console has its database. With two instances, nginx is in front of them. */
export type DatabaseChoice = 'SQLite' | 'PostgreSQL' | 'PostgreSQL, two instances';

/** A new database on the server of `cargo xtask test`, which is deleted with it. */
export class SharedDatabase {
  private constructor(
    private readonly name: string,
    /** The arguments of every instance: the location of the database, and its sealing key. */
    readonly args: string[],
  ) {}

  static async create(folder: string): Promise<SharedDatabase> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await psql(`create database ${name}`);
    const url = new URL(serverUrl());
    url.pathname = `/${name}`;
    const [urlFile, keyFile] = [join(folder, 'database-url'), join(folder, 'key')];
    await writeFile(urlFile, url.href, { mode: 0o600 });
    await writeFile(keyFile, '2e'.repeat(32), { mode: 0o600 });
    return new SharedDatabase(name, ['--database-url-file', urlFile, '--sealing-key-file', keyFile]);
  }

  async drop(): Promise<void> {
    await psql(`drop database ${this.name} with (force)`);
  }
}

function serverUrl(): string {
  const url = process.env.PAT_CONSOLE_TEST_POSTGRES;
  if (!url) throw new Error('PAT_CONSOLE_TEST_POSTGRES is not set; `cargo xtask test` starts a server and sets it');
  return url;
}

async function psql(statement: string): Promise<void> {
  const options = ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1'];
  await promisify(execFile)(program('PSQL_BIN'), [...options, '--dbname', serverUrl(), '--command', statement]);
}

/** nginx at a port of 127.0.0.1, which sends each request to the next instance. */
export async function startProxy(folder: string, port: number, instances: number[]): Promise<ServerProcess> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const configuration = `
    daemon off;
    master_process off;
    pid ${join(folder, 'nginx.pid')};
    events {}
    http {
      access_log off;
      ${temporary.map(name => `${name}_temp_path ${join(folder, name)};`).join('\n')}
      upstream consoles { ${instances.map(instance => `server 127.0.0.1:${instance};`).join(' ')} }
      server {
        listen 127.0.0.1:${port};
        large_client_header_buffers 8 64k;
        location / {
          proxy_pass http://consoles;
          proxy_set_header Host $host:$server_port;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_http_version 1.1;
        }
      }
    }`;
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration);
  return new ServerProcess('nginx', program('NGINX_BIN'), ['-c', file, '-e', join(folder, 'nginx.log')]);
}
