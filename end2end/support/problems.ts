// What can go wrong, by the console's own codes.

import { readFileSync } from 'node:fs';

/** A variant of `Problem` in app/src/problem.rs. */
export type Problem = string;

/** A failure as forms without JavaScript carry it in the address. */
export function failureCode(problem: unknown, requestId = ''): string {
  return encodeURIComponent(
    Buffer.from(JSON.stringify({ problem, request_id: requestId }))
      .toString('base64')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  );
}

/** Problems that are no page of their own, each with where it is met instead. */
export const NO_PAGE: Record<Problem, string> = {
  SignedOut: 'every page leads to the sign-in: sign-in.spec.ts',
  TimedOut: 'a page of its own, after 20 or 60 s: too slow here, so the HTTP tests of server/ shorten the wait',
  ReadOnly: 'told where the refused form was',
  OnlyReads: 'needs an auditor: team.spec.ts',
  ReaderFailed: 'needs an auditor: team.spec.ts',
  TokenSignInOff: 'needs a console without token sign-in: the HTTP tests of server/',
  StillReading: 'told in a row of the overview: the use cases of crates/console',
  NoTokenYet: 'told in the summary of permissions: the empty workspace in token-filters.spec.ts',
  NotInEffect: 'told where the refused form was: dialogs.spec.ts, pat-switch.spec.ts',
  AccessChanged: 'told in the review: permissions.spec.ts',
  NotApplied: 'told in the review: permissions-failures.spec.ts',
  AnotherList: 'told in the review: the use cases of crates/console',
  NothingPicked: 'told above the list: bulk-revocations.spec.ts',
  TooManyPicked: 'told above the list: the HTTP tests of server/',
  OnlyOwnPicked: 'told above the list: the HTTP tests of server/',
  CountMismatch: 'told in the review: bulk-revocations.spec.ts',
  OthersJob: 'told where the refused form was: the HTTP tests of server/',
  NotReadBack: 'told in the review: permissions-failures.spec.ts',
  UnknownPrincipal: 'told in the review: permissions-failures.spec.ts',
  OnlyAdminsManage: 'told in the review: permissions-failures.spec.ts',
  BadLifetime: 'told beside the field: the row of the settings above',
  LifetimeRefused: 'told where the refused form was',
  NameMismatch: 'told in the confirm: pat-switch.spec.ts',
  CommentTooLong: 'told where the refused form was',
  NotATokenValue: 'told where the refused form was',
  NoServicePrincipal: 'told in the form: create-token.spec.ts',
  BadTokenLifetime: 'told in the form: create-token.spec.ts',
  BadScopes: 'told in the form: the HTTP tests of server/',
  ScopesRefused: 'told in the confirm: the HTTP tests of server/',
  ScopesChanged: 'told in the confirm: create-token.spec.ts',
  CreationNotOffered: 'told in the review: create-token.spec.ts',
  UnknownServicePrincipal: 'told in the review: the HTTP tests of server/',
  NotAServicePrincipal: 'told in the review: the use cases of crates/console',
  LifetimeAbovePolicy: 'told in the review: the HTTP tests of server/',
  RecipientMayNotUse: 'told in the review: the HTTP tests of server/',
  AdminsRestricted: 'told in the review: create-token.spec.ts',
  QuotaExceeded: 'told in the review: the use cases of crates/console',
  NotCreated: 'told in the review: the HTTP tests of server/',
  CreationUnknown: 'told in the review: the use cases of crates/console',
  BadRequest: 'told where the refused form was',
  StorageFull: 'needs a full disk: the tests of the program in server/',
  StorageLocked: 'needs a locked database: the HTTP tests of server/',
  StorageReplaced: 'needs a deleted database: the HTTP tests of server/',
  Internal: 'needs a broken database: the HTTP tests of server/',
};

/** Every variant of `Problem`, read from its source, so that a new one without a row is noticed. */
export function problems(): Problem[] {
  const source = readFileSync(new URL('../../app/src/problem.rs', import.meta.url), 'utf8');
  const body = /pub enum Problem \{\n(.*?)\n\}/s.exec(source);
  if (!body) throw new Error('app/src/problem.rs has no enum Problem');
  return [...body[1]!.matchAll(/^ {4}([A-Z]\w*)/gm)].map(match => match[1]!);
}
