//! `cargo xtask prove`: runs the whole fault table. `cargo xtask test` runs a tenth of it.

use anyhow::Result;

use crate::checkout::Checkout;
use crate::report::Report;
use crate::site;
use crate::test::rust;

/// Makes every change with everything that can go wrong with it.
///
/// # Errors
/// If the tests cannot be compiled, or a case did not end as expected.
pub(crate) fn run(checkout: &Checkout) -> Result<()> {
    let mut report = Report::default();
    let site = report.step("the site", Some(()), |()| site::build(checkout));
    rust::fault_table(&mut report, site.as_deref());
    report.finish()
}
