// The demo workspace and its control interface, which crates/demo-workspace/README.md documents.

import { ServerProcess, program } from './server-process.ts';

export interface Person {
  id: string;
  user_name: string;
  display_name: string;
  /** Value of a personal access token. */
  pat: string;
}

export interface ClientCredentials {
  client_id: string;
  client_secret: string;
}

/** The first line that the demo workspace prints. */
export interface Announcement {
  /** `http://localhost:PORT` */
  url: string;
  /** `http://127.0.0.1:PORT` */
  control_url: string;
  workspace_id: string;
  admin: Person;
  non_admin: Person;
  /** An admin through a nested group, with an ID greater than 2^53. */
  other_admin: Person;
  oauth_client_id: string;
  confidential_client: ClientCredentials;
  service_principal: ClientCredentials;
}

/** A fault for the next matching calls. */
export interface Fault {
  method?: string;
  /** The beginning of the path; `/` matches every path. */
  path: string;
  /** How many calls. 1 if absent. */
  times?: number | 'forever';
  /** The fraction of the matching calls, from 0 to 1. All of them if absent. */
  share?: number;
  delay_ms?: number;
  effect?: Effect;
}

export type Effect =
  | { kind: 'none' | 'truncate' | 'wrong_types' | 'ignore' | 'hang' | 'reset' | 'reset_after' }
  | { kind: 'scim_throttle' | 'accounts_host' | 'ip_access_list' }
  | { kind: 'answer'; status: number; body?: Body }
  | { kind: 'rate_limit'; retry_after?: 'absent' | { seconds: number } | { date_in: number } }
  | { kind: 'redirect'; location: string }
  | { kind: 'missing_scope'; scope: string };

export type Body =
  | { kind: 'empty' | 'truncated_json' }
  | { kind: 'json_error'; error_code: string; message: string }
  | { kind: 'integer_error_code' | 'html'; message: string }
  | { kind: 'plain_text'; text: string }
  | { kind: 'raw'; content_type: string; text: string };

/** A response with an error of the workspace's API. */
export function jsonError(status: number, error_code: string, message = 'no'): Effect {
  return { kind: 'answer', status, body: { kind: 'json_error', error_code, message } };
}

/** A token that is created outside the console. */
export interface NewToken {
  owner: string;
  creator?: string;
  comment?: string;
  created_days_ago?: number;
  lifetime_days?: number;
  used_days_ago?: number;
  scopes?: string[];
  /** The state of the detection of its scopes, as the workspace sends it. */
  autoscope?: string;
  inferred_scopes?: string[];
  backfill_scopes?: string[];
}

/** A change by another admin or the platform. People are identified by `user_name`. */
export type Change =
  | { change: 'revoke_token'; token_id: string }
  | { change: 'set_scopes'; token_id: string; scopes: string[] | null }
  | {
      change: 'set_scope_use';
      token_id: string;
      autoscope: string | null;
      inferred_scopes: string[];
      backfill_scopes: string[];
    }
  | { change: 'remove_all_tokens' }
  | { change: 'set_conf'; values: Record<string, string | null> }
  | { change: 'set_grants'; can_use: string[] }
  | { change: 'deactivate' | 'activate' | 'delete_principal' | 'make_admin' | 'remove_admin'; user_name: string }
  | { change: 'restrict_admins'; restricted: boolean }
  | { change: 'set_knobs'; knobs: Record<string, unknown> };

/** One call that the workspace received. */
export interface LogEntry {
  method: string;
  path: string;
  query: string;
  status: number | null;
  principal: string | null;
  auth: 'pat' | 'oauth' | null;
  started_ms: number;
  duration_ms: number;
}

export class DemoWorkspace {
  private constructor(
    private readonly server: ServerProcess,
    readonly announced: Announcement,
  ) {}

  static async start(args: string[]): Promise<DemoWorkspace> {
    const server = new ServerProcess('the demo workspace', program('DEMO_WORKSPACE_BIN'), [
      '--port',
      '0',
      '--control-port',
      '0',
      ...args,
    ]);
    return new DemoWorkspace(server, JSON.parse(await server.firstLine()));
  }

  get url(): string {
    return this.announced.url;
  }

  get admin(): Person {
    return this.announced.admin;
  }

  get nonAdmin(): Person {
    return this.announced.non_admin;
  }

  get otherAdmin(): Person {
    return this.announced.other_admin;
  }

  /** Restores the state at the start: tokens, people, clock and knobs; no faults, an empty log. */
  async reset(): Promise<void> {
    await this.control('POST', '/reset');
  }

  async addFault(fault: Fault): Promise<void> {
    await this.control('POST', '/faults', fault);
  }

  async clearFaults(): Promise<void> {
    await this.control('DELETE', '/faults');
  }

  async change(change: Change): Promise<void> {
    await this.control('POST', '/changes', change);
  }

  async createToken(token: NewToken): Promise<{ token_id: string; token_value: string }> {
    const response = await this.control('POST', '/changes', { change: 'create_token', ...token });
    return (await response.json()) as { token_id: string; token_value: string };
  }

  async advanceClock(milliseconds: number): Promise<void> {
    await this.control('POST', '/clock', { advance_ms: milliseconds });
  }

  /** The calls that have finished since the start, the last reset or the last `clearLog`. */
  async log(): Promise<LogEntry[]> {
    const response = await this.control('GET', '/log');
    return ((await response.json()) as { entries: LogEntry[] }).entries;
  }

  async clearLog(): Promise<void> {
    await this.control('DELETE', '/log');
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  private async control(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(this.announced.control_url + path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`control ${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}
