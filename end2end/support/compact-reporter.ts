// Says at the very end what failed and why, in a line or two each: a record of a run often keeps no more than its end.

import { basename } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import type { Location, Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';

const where = ({ file, line }: Location): string => `${basename(file)}:${line}`;

/** The first lines of an error's text, in one. */
function why({ message = '', location }: TestError): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  return `    ${lines.slice(0, 5).join(' | ').slice(0, 400)}${location ? ` (${where(location)})` : ''}`;
}

export default class InShort implements Reporter {
  private readonly failures: string[] = [];

  onTestEnd(test: TestCase, { status, errors }: TestResult): void {
    if (status === test.expectedStatus || status === 'interrupted') return;
    this.failures.push(`  ${where(test.location)} ${test.title}`, ...errors.map(why));
  }

  onEnd(): void {
    if (this.failures.length > 0) process.stdout.write(`\nIn short:\n${this.failures.join('\n')}\n`);
  }
}
