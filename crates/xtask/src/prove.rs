//! `cargo xtask prove`: runs the whole fault table, and repeats the races of two instances ten times as often.
//! `cargo xtask test` runs a tenth of both.

use anyhow::Result;

use crate::checkout::Checkout;
use crate::postgres::TestServer;
use crate::report::Report;
use crate::site;
use crate::test::rust;

/// Makes every change with everything that can go wrong with it, and lets two instances compete.
///
/// # Errors
///
/// If the tests cannot be compiled, or a case did not end as expected.
pub(crate) fn run(checkout: &Checkout) -> Result<()> {
    let mut report = Report::default();
    let site = report.step("the site", Some(()), |()| site::build(checkout));
    rust::fault_table(&mut report, site.as_deref());
    if let Some(server) = TestServer::start(&mut report) {
        rust::instances(&mut report, site.as_deref(), &server);
    }
    report.finish()
}
