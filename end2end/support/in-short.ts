// Says at the very end what failed and why, in a line or two each: a record of a run often keeps no more than its end.

import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

const COLOURS = /\u001b\[[0-9;]*m/g;

export default class InShort implements Reporter {
  private readonly failures: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === 'interrupted') return;
    const why = result.errors.map(error => {
      const words = (error.message ?? '').replaceAll(COLOURS, '').split('\n').map(line => line.trim()).filter(line => line !== '');
      const at = error.location ? ` (${error.location.file.split('/').at(-1)}:${error.location.line})` : '';
      return `    ${words.slice(0, 5).join(' | ').slice(0, 400)}${at}`;
    });
    this.failures.push([`  ${test.location.file.split('/').at(-1)}:${test.location.line} ${test.title}`, ...why].join('\n'));
  }

  onEnd(): void {
    if (this.failures.length > 0) process.stdout.write(`\nIn short:\n${this.failures.join('\n')}\n`);
  }
}
