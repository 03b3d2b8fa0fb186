// docs/REQUIREMENTS.md defines the tags of all tests.

import { readFileSync, readdirSync } from 'node:fs';

import { expect, test } from '@playwright/test';

import { TIMING_SENSITIVE } from '../support/fixtures.ts';

/** The tags in the first column of the document's tables. */
function definedTags(): string[] {
  const document = readFileSync(new URL('../../docs/REQUIREMENTS.md', import.meta.url), 'utf8');
  return [...document.matchAll(/^\| `(@[\w-]+)` \|/gm)].map(match => match[1]!);
}

/** The tags of all tests, from their source: a run may contain only some of the tests. */
function usedTags(): Set<string> {
  const files = readdirSync(new URL('.', import.meta.url)).filter(name => name.endsWith('.spec.ts'));
  const sources = files.map(name => readFileSync(new URL(name, import.meta.url), 'utf8'));
  const literals = sources.flatMap(source => [...source.matchAll(/'(@[\w-]+)'/g)].map(match => match[1]!));
  return new Set([...literals, TIMING_SENSITIVE]);
}

test('every tag of a test is defined, and every defined tag is used', () => {
  const defined = definedTags();
  const used = usedTags();
  expect(used.size).toBeGreaterThan(40);
  expect(
    [...used].filter(tag => !defined.includes(tag)),
    'used, but not defined',
  ).toEqual([]);
  expect(
    defined.filter(tag => !used.has(tag)),
    'defined, but not used',
  ).toEqual([]);
  expect(
    defined.filter((tag, index) => defined.indexOf(tag) !== index),
    'defined twice',
  ).toEqual([]);
});
