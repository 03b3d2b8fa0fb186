//! A warm token page of 50 rows out of 10 000, beside rendering those rows from a constant in the same process.

use std::error::Error;

use demo_workspace::Config;

use crate::server_process::{Server, middle, rate};
use crate::setup::{WORKSPACE, browser, keeps_styles, session, with_cookie};

/// Starts the server on one core and asks from the other; prints the figures.
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
    let mut server = Server::start(workspace.url(), &pat)?;
    let origin = server.origin()?;
    // As after the first page: the browser has the style sheet, and pages name it only.
    let session = session(&browser()?, &origin, &pat).await?;
    let browser = with_cookie(&format!("{session}; {}", keeps_styles(&origin).await?))?;
    let page = format!("{origin}/w/{WORKSPACE}/tokens");

    let (mut constant, mut plain, mut brotli) = (Vec::new(), Vec::new(), Vec::new());
    // In turns, so that a noisy moment hits all three.
    for _ in 0..3 {
        constant.push(rate(&browser, &format!("{origin}/constant"), "identity").await?);
        plain.push(rate(&browser, &page, "identity").await?);
        brotli.push(rate(&browser, &page, "br").await?);
    }
    let (constant, plain, brotli) = (middle(constant), middle(plain), middle(brotli));
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
