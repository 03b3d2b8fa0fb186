// A server that a test starts: its log kept, its end noticed, stopped with the test.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a server may take to start or to stop, in milliseconds. */
const LIMIT = 20_000;

export class ServerProcess {
  /** Everything that it wrote to standard error. */
  log = '';
  private readonly child: ChildProcess;
  private readonly output: AsyncIterator<string>;
  private readonly killWithUs = () => this.child.kill('SIGKILL');

  constructor(
    private readonly name: string,
    program: string,
    args: string[],
  ) {
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.on('error', error => (this.log += `${error}\n`));
    this.child.stderr!.setEncoding('utf8').on('data', text => (this.log += text));
    this.output = createInterface(this.child.stdout!)[Symbol.asyncIterator]();
    process.once('exit', this.killWithUs);
  }

  /** Whether it has not ended. */
  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The first line of its standard output. */
  async firstLine(): Promise<string> {
    const first = await Promise.race([this.output.next(), delay(LIMIT, undefined, { ref: false })]);
    if (!first || first.done) throw this.failure('printed nothing');
    return first.value;
  }

  /** Waits until `GET url` answers 200. */
  async answers(url: string): Promise<void> {
    const began = Date.now();
    while (Date.now() - began < LIMIT) {
      const response = await fetch(url, { redirect: 'manual' }).catch(() => undefined);
      if (response?.status === 200) return;
      if (!this.running) break;
      await delay(20);
    }
    throw this.failure(`did not answer 200 at ${url}`);
  }

  /** Asks it to end (SIGTERM) and waits until it has. */
  async stop(): Promise<void> {
    process.off('exit', this.killWithUs);
    if (!this.running) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const stopped = await Promise.race([ended, delay(LIMIT, undefined, { ref: false })]);
    if (!stopped) {
      this.child.kill('SIGKILL');
      throw this.failure('did not end on SIGTERM');
    }
  }

  private failure(what: string): Error {
    const end = this.running ? '' : ` (ended: ${this.child.exitCode ?? this.child.signalCode ?? 'not started'})`;
    return new Error(`${this.name} ${what}${end}. Its log:\n${this.log}`);
  }
}

/** A program that `cargo xtask test` built and named in the environment. */
export function program(variable: string): string {
  const path = process.env[variable];
  if (!path)
    throw new Error(`${variable} is not set; \`cargo xtask test --only browser\` builds the programs and sets it`);
  return path;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
