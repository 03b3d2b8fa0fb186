// How soon a filter is applied that is typed as early as possible.

import { measureTyping } from './phone.mjs';
import { median } from './statistics.mjs';

const RUNS = 9;
const MAX_DELAY = 1200;

/** The lines of a table and of what follows it. */
export async function typingTable(browser, { state, url }) {
  const [typing, enter] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    typing.push(await measureTyping(browser, state, url, false));
    enter.push(await measureTyping(browser, state, url, true));
  }
  const early = [...typing, ...enter].filter(run => run.early);
  const kept = early.filter(run => run.kept).length;
  const delay = runs => median(runs.map(run => run.delay)).toFixed(0);
  const inTime = typing.filter(run => run.kept && run.delay <= MAX_DELAY).length;
  return [
    `| slow phone (4x CPU, 1.6 Mbit/s, 150 ms), ${RUNS} runs | | at most | at least |`,
    '|---|---|---|---|',
    `| filter typed as early as possible is applied, without Enter, median from the start of the navigation, ms | ` +
      `${delay(typing)} | ${MAX_DELAY} | |`,
    `| runs in which that took at most ${MAX_DELAY} ms, from the first input | ${inTime} of ${RUNS} | | ${RUNS} |`,
    `| filter is applied after Enter, median, ms | ${delay(enter)} | one page | |`,
    '',
    `In ${early.length} of ${2 * RUNS} runs the text came before the islands were hydrated; ` +
      `it was kept in ${kept} of them.`,
  ];
}
