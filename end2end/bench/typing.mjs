// How soon a filter is applied if it is typed as early as possible.

import { measureEnter, measureTyping } from './phone.mjs';
import { median } from './statistics.mjs';

const RUNS = 9;
const MAX_DELAY = 1200;

/** The lines of a table and of the text below it. */
export async function typingTable(browser, { state, url }) {
  const [typing, enter] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    typing.push(await measureTyping(browser, state, url));
    enter.push(await measureEnter(browser, state, url));
  }
  const early = typing.filter(run => run.early).length;
  const kept = typing.filter(run => run.kept).length;
  const inTime = typing.filter(run => run.kept && run.delay <= MAX_DELAY).length;
  return [
    `| slow phone (4x CPU, 1.6 Mbit/s, 150 ms), ${RUNS} runs | | at most | at least |`,
    '|---|---|---|---|',
    `| filter typed as early as possible is applied, without Enter, median from the start of the navigation, ms | ` +
      `${median(typing.map(run => run.delay)).toFixed(0)} | ${MAX_DELAY} | |`,
    `| runs in which that took at most ${MAX_DELAY} ms, from the first input | ${inTime} of ${RUNS} | | ${RUNS} |`,
    `| filter is applied after Enter, median, ms | ${median(enter).toFixed(0)} | one page | |`,
    '',
    `In ${early} of ${RUNS} runs the text was typed before the islands were hydrated; it was kept in ${kept}.`,
  ];
}
