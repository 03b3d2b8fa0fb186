// Repeats at the very end which tests failed and why, in a line or two each, because logs of a run are often truncated
// to their last lines.

import { basename } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import type { Location, Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';

const MAX_ERROR_LINES = 5;
const MAX_ERROR_CHARS = 400;

const fileAndLine = ({ file, line }: Location): string => `${basename(file)}:${line}`;

/** The first lines of an error's message, joined into one. */
function summary({ message = '', location }: TestError): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  const text = lines.slice(0, MAX_ERROR_LINES).join(' | ').slice(0, MAX_ERROR_CHARS);
  return `    ${text}${location ? ` (${fileAndLine(location)})` : ''}`;
}

export default class CompactReporter implements Reporter {
  private readonly failures: string[] = [];

  onTestEnd(test: TestCase, { status, errors }: TestResult): void {
    if (status === test.expectedStatus || status === 'interrupted') return;
    this.failures.push(`  ${fileAndLine(test.location)} ${test.title}`, ...errors.map(summary));
  }

  onEnd(): void {
    if (this.failures.length > 0) process.stdout.write(`\nFailures:\n${this.failures.join('\n')}\n`);
  }
}
