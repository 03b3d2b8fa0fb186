//! Progress: a line before each step, its duration after it, and a table of all steps at the end.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Runs one step, and prints when it starts and how long it took.
///
/// # Errors
/// The error of the step.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("==> {name}");
    let began = Instant::now();
    let result = work();
    let word = if result.is_ok() { "done" } else { "FAILED" };
    eprintln!("    {name}: {word} in {:.1} s", began.elapsed().as_secs_f64());
    result
}

/// The steps of a test run. A step runs even if an earlier one failed, unless it needs its result.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<ReportLine>,
    /// Tests that cannot run on this machine, each with the program that it needs.
    not_run: Vec<&'static str>,
}

struct ReportLine {
    name: &'static str,
    outcome: StepOutcome,
}

enum StepOutcome {
    Passed(Duration),
    Failed(Duration),
    /// A step that needs the result of a failed step. Counts as failed: no step is skipped.
    NotRun,
}

impl Report {
    /// Runs a step and records its outcome. `needed` is the result of an earlier step; if it is `None`, that step
    /// failed, and this one does not run. Returns the step's result; `None` if it failed or did not run.
    pub(crate) fn step<N, T>(
        &mut self,
        name: &'static str,
        needed: Option<N>,
        work: impl FnOnce(N) -> Result<T>,
    ) -> Option<T> {
        let Some(needed) = needed else {
            eprintln!("==> {name}: not run, because a step that it needs failed");
            self.lines.push(ReportLine {
                name,
                outcome: StepOutcome::NotRun,
            });
            return None;
        };
        let began = Instant::now();
        let result = step(name, || work(needed));
        if let Err(error) = &result {
            eprintln!("    {error:#}");
        }
        let outcome = if result.is_ok() {
            StepOutcome::Passed(began.elapsed())
        } else {
            StepOutcome::Failed(began.elapsed())
        };
        self.lines.push(ReportLine { name, outcome });
        result.ok()
    }

    /// Records tests that cannot run on this machine. With `CI=1` they count as failed.
    pub(crate) fn not_run(&mut self, tests: &'static str) {
        self.not_run.push(tests);
    }

    /// Prints the table.
    ///
    /// # Errors
    /// If any step failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n{self}");
        let failed: Vec<_> = self
            .lines
            .iter()
            .filter(|line| !line.passed())
            .map(|line| line.name)
            .collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}

impl ReportLine {
    fn passed(&self) -> bool {
        matches!(self.outcome, StepOutcome::Passed(_))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            let (word, duration) = match line.outcome {
                StepOutcome::Passed(duration) => ("ok", Some(duration)),
                StepOutcome::Failed(duration) => ("FAILED", Some(duration)),
                StepOutcome::NotRun => ("NOT RUN", None),
            };
            let seconds = duration.map_or_else(String::new, |duration| format!("{:.1} s", duration.as_secs_f64()));
            writeln!(f, "{word:<8} {:<40} {seconds:>9}", line.name)?;
        }
        let passed = self.lines.iter().filter(|line| line.passed()).count();
        for tests in &self.not_run {
            writeln!(f, "not run: {tests}")?;
        }
        write!(f, "{passed} passed, {} failed", self.lines.len() - passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_needs_a_failed_step_counts_as_failed() {
        let mut report = Report::default();
        let made = report.step("make", Some(()), |()| -> Result<u8> { bail!("no wood") });
        assert_eq!(report.step("use", made, Ok), None);
        assert_eq!(report.step("other", Some(7), Ok), Some(7));
        assert!(report.to_string().ends_with("1 passed, 2 failed"), "{report}");
        assert_eq!(report.finish().unwrap_err().to_string(), "failed: make, use");
    }
}
