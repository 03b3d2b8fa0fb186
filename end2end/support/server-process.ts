// A server that a test starts and stops. It keeps the server's log, and notices if the server exits early.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a server may take to start, in milliseconds. */
const START_TIMEOUT = 20_000;
/** How long a server may take to exit after SIGTERM, in milliseconds. */
const STOP_TIMEOUT = 20_000;

export class ServerProcess {
  /** Everything that it wrote to standard error. */
  log = '';
  private readonly child: ChildProcess;
  private readonly output: AsyncIterator<string>;
  private readonly killOnExit = () => this.child.kill('SIGKILL');

  constructor(
    private readonly name: string,
    program: string,
    args: string[],
  ) {
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.on('error', error => (this.log += `${error}\n`));
    this.child.stderr!.setEncoding('utf8').on('data', text => (this.log += text));
    this.output = createInterface(this.child.stdout!)[Symbol.asyncIterator]();
    process.once('exit', this.killOnExit);
  }

  /** Whether it has started and not yet exited. */
  get isRunning(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The first line of its standard output. */
  async firstLine(): Promise<string> {
    const first = await Promise.race([this.output.next(), delay(START_TIMEOUT, undefined, { ref: false })]);
    if (!first || first.done) throw this.failure('printed nothing');
    return first.value;
  }

  /** Waits until `GET url` returns 200. */
  async waitUntilReady(url: string): Promise<void> {
    const startedAt = Date.now();
    while (Date.now() - startedAt < START_TIMEOUT) {
      const response = await fetch(url, { redirect: 'manual' }).catch(() => undefined);
      if (response?.status === 200) return;
      if (!this.isRunning) break;
      await delay(20);
    }
    throw this.failure(`did not return 200 at ${url}`);
  }

  /** Sends SIGTERM and waits until it has exited. */
  async stop(): Promise<void> {
    process.off('exit', this.killOnExit);
    if (!this.isRunning) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const stopped = await Promise.race([exited, delay(STOP_TIMEOUT, undefined, { ref: false })]);
    if (!stopped) {
      this.child.kill('SIGKILL');
      throw this.failure('did not exit on SIGTERM');
    }
  }

  private failure(problem: string): Error {
    const end = this.isRunning ? '' : ` (exited: ${this.child.exitCode ?? this.child.signalCode ?? 'not started'})`;
    return new Error(`${this.name} ${problem}${end}. Its log:\n${this.log}`);
  }
}

/** The path of a program that `cargo xtask test` built, from an environment variable. */
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
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
