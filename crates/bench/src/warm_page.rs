//! A warm token page with 50 rows of 10 000, compared with rendering those rows from a constant in the same process,
//! and what its compression costs.

use std::error::Error;

use demo_workspace::Config;

use crate::server_process::ServerProcess;
use crate::setup::{WORKSPACE, browser, client_with_cookie, median_f64, sign_in_session, stylesheet_cookie};

/// How many times each is measured.
const ROUNDS: usize = 3;

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
    // The state after the first page: the browser has cached the style sheet, and pages only link to it.
    let session = sign_in_session(&browser()?, &origin, &pat).await?;
    let browser = client_with_cookie(&format!("{session}; {}", stylesheet_cookie(&origin).await?))?;
    let first_visit = client_with_cookie(&session)?;
    let page = format!("{origin}/w/{WORKSPACE}/tokens");

    let constant = Series::new(
        "those 50 rows from a constant",
        format!("{origin}/constant"),
        "identity",
    );
    let mut series = vec![constant];
    for (name, encoding) in [
        ("the page, uncompressed", "identity"),
        ("the page, in zstd", "zstd"),
        ("the page, in brotli", "br"),
        ("the page, in gzip", "gzip"),
    ] {
        series.push(Series::new(name, page.clone(), encoding));
    }
    // Measure in turns, so that a disturbance affects all of them.
    for _ in 0..ROUNDS {
        for one in &mut series {
            one.measure(&server, &browser).await?;
        }
    }

    println!(
        "| warm token page, 50 rows of 10 000, signed in, server on one core | per second | of the constant \
              | at least | processor time, \u{b5}s | of the page, uncompressed | at most | kB | first visit, kB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let results: Vec<_> = series.into_iter().map(Series::medians).collect();
    let [constant, plain, ..] = &results[..] else {
        return Err("nothing was measured".into());
    };
    for result in &results {
        let (mut at_least, mut of_page, mut sizes) = ("", " | ".to_owned(), " | ".to_owned());
        if result.url == page {
            let (size, first_size) = (
                page_size(&browser, result).await?,
                page_size(&first_visit, result).await?,
            );
            sizes = format!("{:.1} | {:.1}", size / 1e3, first_size / 1e3);
            of_page = match result.encoding {
                "identity" => "1 | ".to_owned(),
                _ => format!("{:.2} | 2.2", result.processor_seconds / plain.processor_seconds),
            };
            at_least = match result.encoding {
                "identity" => "0.5",
                _ => "",
            };
        }
        println!(
            "| {} | {:.0} | {:.2} | {at_least} | {:.0} | {of_page} | {sizes} |",
            result.name,
            result.per_second,
            result.per_second / constant.per_second,
            result.processor_seconds * 1e6,
        );
    }
    println!("\nPeak memory of the server: {:.0} MB.", server.peak_memory_mb()?);
    Ok(())
}

/// The size of a page's body in bytes, as it is sent.
async fn page_size(browser: &reqwest::Client, of: &Medians) -> Result<f64, Box<dyn Error>> {
    let request = browser.get(&of.url).header("Accept-Encoding", of.encoding);
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(f64::from(u32::try_from(body.len())?))
}

/// The measurements of one URL in one encoding.
struct Series {
    name: &'static str,
    url: String,
    encoding: &'static str,
    per_second: Vec<f64>,
    processor_seconds: Vec<f64>,
}

struct Medians {
    name: &'static str,
    url: String,
    encoding: &'static str,
    per_second: f64,
    processor_seconds: f64,
}

impl Series {
    fn new(name: &'static str, url: String, encoding: &'static str) -> Self {
        Self {
            name,
            url,
            encoding,
            per_second: Vec::new(),
            processor_seconds: Vec::new(),
        }
    }

    async fn measure(&mut self, server: &ServerProcess, browser: &reqwest::Client) -> Result<(), Box<dyn Error>> {
        let load = server.load(browser, &self.url, self.encoding).await?;
        self.per_second.push(load.per_second);
        self.processor_seconds.push(load.processor_seconds);
        Ok(())
    }

    fn medians(self) -> Medians {
        Medians {
            name: self.name,
            url: self.url,
            encoding: self.encoding,
            per_second: median_f64(self.per_second),
            processor_seconds: median_f64(self.processor_seconds),
        }
    }
}
