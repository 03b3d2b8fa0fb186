//! A warm token page with 50 rows of 10 000, compared with rendering those rows from a constant in the same process.

use std::error::Error;

use demo_workspace::Config;

use crate::server_process::{ServerProcess, request_rate};
use crate::setup::{WORKSPACE, browser, client_with_cookie, median_f64, sign_in_session, stylesheet_cookie};

/// Starts the server on the first core, sends requests from the second, and prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let workspace = demo_workspace::start(Config {
        tokens: 10_000,
        ..Config::default()
    })
    .await?;
    let pat = workspace
        .credentials()
        .admin
        .pat
        .clone()
        .ok_or("the demo workspace has no token for its admin")?;
    let mut server = ServerProcess::start(workspace.url(), &pat)?;
    let origin = server.origin()?;
    // As after the first page: the browser has cached the style sheet, and pages only link to it.
    let session = sign_in_session(&browser()?, &origin, &pat).await?;
    let browser = client_with_cookie(&format!("{session}; {}", stylesheet_cookie(&origin).await?))?;
    let page = format!("{origin}/w/{WORKSPACE}/tokens");

    let (mut constant, mut plain, mut brotli) = (Vec::new(), Vec::new(), Vec::new());
    // In turns, so that a disturbance affects all three.
    for _ in 0..3 {
        constant.push(request_rate(&browser, &format!("{origin}/constant"), "identity").await?);
        plain.push(request_rate(&browser, &page, "identity").await?);
        brotli.push(request_rate(&browser, &page, "br").await?);
    }
    let (constant, plain, brotli) = (median_f64(constant), median_f64(plain), median_f64(brotli));
    println!(
        "| warm token page, 50 rows of 10 000, signed in, server on one core | per second | of the constant \
         | at least |"
    );
    println!("|---|---|---|---|");
    println!("| those 50 rows from a constant | {constant:.0} | 1 | |");
    println!(
        "| the page, uncompressed | {plain:.0} | {:.2} | 0.5 |",
        plain / constant
    );
    println!("| the page, in brotli | {brotli:.0} | {:.2} | |", brotli / constant);
    println!("\nPeak memory of the server: {:.0} MB.", server.peak_memory_mb()?);
    Ok(())
}
