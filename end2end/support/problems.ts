// The console's error codes.

import { readFileSync } from 'node:fs';

/** A variant of `Problem` in app/src/problem.rs. */
export type Problem = string;

/** A failure in the form that pages without JavaScript put into the URL. */
export function failureCode(problem: unknown, requestId = ''): string {
  return encodeURIComponent(
    Buffer.from(JSON.stringify({ problem, request_id: requestId }))
      .toString('base64')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  );
}

/** Problems without a page of their own, each with where it is shown or why no browser test shows it. */
export const NOT_A_PAGE: Record<Problem, string> = {
  SignedOut: 'every page leads to the sign-in page: sign-in.spec.ts',
  TimedOut: 'a page of its own, after 20 or 60 s: too slow here, so the HTTP tests of server/ shorten the wait',
  ReadOnly: 'shown on the page with the form',
  AuditorReadOnly: 'needs an auditor: auditor.spec.ts',
  AuditorConnectionFailed: 'needs an auditor: auditor.spec.ts',
  TokenSignInDisabled: 'needs a console without token sign-in: the HTTP tests of server/',
  SignInServiceFailed: 'shown on the sign-in page: the HTTP tests of server/',
  OtherWorkspace: 'needs a console with a wrong workspace ID: the tests of the program in server/',
  StillLoading: 'shown in a row of the overview: the use cases of crates/console',
  NoTokenYet: 'shown in the permissions summary of an empty workspace: token-filters.spec.ts',
  NotConfirmed: 'shown on the page with the form: dialogs.spec.ts, pat-switch.spec.ts',
  OtherState: 'shown on the page with the form: the fault table in server/',
  AccessChanged: 'shown in the review: permissions.spec.ts',
  OtherSaveInProgress: 'shown in the review: the use cases of crates/console',
  OldStateAfterNoResponse: 'shown in the review: permissions-failures.spec.ts',
  UnexpectedPermissions: 'shown in the review: the use cases of crates/console',
  DisabledOrUnavailable: 'needs a workspace without settings or permissions: the HTTP tests of server/',
  InvalidFilter: 'shown above the list, and for exports: the HTTP tests of server/',
  FilterNotAvailable: 'shown above the list, and for exports: the HTTP tests of server/',
  PartialData: 'the response to an export: the HTTP tests of server/',
  NothingSelected: 'shown above the list: bulk-revocations.spec.ts',
  TooManySelected: 'shown above the list: the HTTP tests of server/',
  OnlyOwnTokenSelected: 'shown above the list: the HTTP tests of server/',
  CountMismatch: 'shown in the review: bulk-revocations.spec.ts',
  NotYourBulk: 'shown on the page with the form: the HTTP tests of server/',
  ResultUnknown: 'shown in the review: permissions-failures.spec.ts',
  ChangeUnknown: 'shown on the page with the form: the HTTP tests of server/',
  UnknownPrincipal: 'shown in the review: permissions-failures.spec.ts',
  OnlyAdminsManage: 'shown in the review: permissions-failures.spec.ts',
  BadLifetime: 'shown next to the field: the settings in page-states.ts',
  BadAcceptance: 'shown next to the field: the findings in finding-states.ts',
  NothingToPutBack: 'shown on the page of the bulk change: routes/bulk_scopes.rs',
  AlreadyPutBack: 'shown on the page of the bulk change: routes/bulk_scopes.rs',
  LifetimeRejected: 'shown on the page with the form',
  NameMismatch: 'shown in the confirmation: pat-switch.spec.ts',
  CommentTooLong: 'shown on the page with the form',
  ReasonTooLong: 'shown in the confirmation: rules/long_input.rs',
  ValueChanged: 'shown on the page with the form: lifetime.spec.ts',
  NoTokenInText: 'shown on the page with the form',
  CreatedBefore: 'shown in the review: create-token.spec.ts',
  TokenValueInText: 'shown on the page with the form: token-filters.spec.ts',
  TooManyLookups: 'shown on the page with the form: the HTTP tests of server/',
  NoServicePrincipal: 'shown next to the field: the new token in page-states.ts',
  BadTokenLifetime: 'shown next to the field: create-token.spec.ts',
  BadScopes: 'shown next to the field: the new token in page-states.ts',
  ScopesRejected: 'shown in the confirmation: the HTTP tests of server/',
  ScopesChanged: 'shown in the confirmation: create-token.spec.ts',
  CreationUnavailable: 'shown in the review: create-token.spec.ts',
  UnknownServicePrincipal: 'shown in the review: the HTTP tests of server/',
  NotAServicePrincipal: 'shown in the review: the use cases of crates/console',
  LifetimeAbovePolicy: 'shown in the review: the HTTP tests of server/',
  RecipientLacksPermission: 'shown in the review: the HTTP tests of server/',
  CreationRejected: 'shown in the review: the HTTP tests of server/',
  AdminsRestricted: 'shown in the review: create-token.spec.ts',
  QuotaExceeded: 'shown in the review: the use cases of crates/console',
  HasTokens: 'shown on the page of the first token: the HTTP tests of server/',
  NotCreated: 'shown in the review: the HTTP tests of server/',
  CreationUnknown: 'shown in the review: the use cases of crates/console',
  BadRequest: 'shown on the page with the form',
  UnknownTimeZone: 'shown on the page with the form: the HTTP tests of server/',
  StorageFull: 'needs a full disk: the tests of the program in server/',
  StorageLocked: 'needs a locked database: the HTTP tests of server/',
  StorageUnreachable: 'needs a database server that is away: the tests of the program in server/',
  StorageReplaced: 'needs a deleted database: the HTTP tests of server/',
  Internal: 'needs a broken database: the HTTP tests of server/',
};

/** Every variant of `Problem`, read from the Rust source, so that a new one without a row fails a test. */
export function allProblems(): Problem[] {
  const source = readFileSync(new URL('../../app/src/problem.rs', import.meta.url), 'utf8');
  const body = /pub enum Problem \{\n(.*?)\n\}/s.exec(source);
  if (!body) throw new Error('app/src/problem.rs has no enum Problem');
  return [...body[1]!.matchAll(/^ {4}([A-Z]\w*)/gm)].map(match => match[1]!);
}
