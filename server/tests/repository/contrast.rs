//! Contrast, calculated (WCAG 2.2, success criteria 1.4.3 and 1.4.11): text stands out from what is behind it by 4.5,
//! the edges and fills that make a control visible by 3, in both themes.

use std::collections::BTreeMap;

use crate::read;

/// Text colours and what is behind them somewhere on a page.
const TEXT: [(&str, &[&str]); 10] = [
    (
        "ink",
        &[
            "bg",
            "surface",
            "surface-2",
            "row-hover",
            "danger-soft",
            "warn-soft",
            "ok-soft",
        ],
    ),
    (
        "ink-2",
        &[
            "bg",
            "surface",
            "surface-2",
            "row-hover",
            "danger-soft",
            "warn-soft",
            "ok-soft",
        ],
    ),
    ("ink-3", &["bg", "surface", "surface-2", "row-hover"]),
    (
        "accent",
        &[
            "bg",
            "surface",
            "surface-2",
            "row-hover",
            "accent-soft",
            "danger-soft",
            "warn-soft",
            "ok-soft",
        ],
    ),
    ("accent-ink", &["accent"]),
    ("white", &["danger-fill"]),
    ("danger", &["bg", "surface", "row-hover", "danger-soft"]),
    ("warn", &["surface", "surface-2", "row-hover", "warn-soft"]),
    ("ok", &["surface", "row-hover", "ok-soft"]),
    ("violet", &["surface", "row-hover", "violet-soft"]),
];

/// Edges and fills by which a control or a mark is seen, and what is around them.
const EDGES: [(&str, &[&str]); 7] = [
    ("line-strong", &["bg", "surface", "row-hover"]),
    ("accent", &["bg", "surface", "surface-2"]),
    ("danger", &["bg", "surface", "danger-soft"]),
    ("danger-fill", &["bg", "surface"]),
    ("ink-3", &["surface", "row-hover"]),
    ("warn", &["warn-soft"]),
    ("ok", &["surface", "row-hover", "ok-soft"]),
];

/// A colour in the light and in the dark theme.
type Pair = [String; 2];

/// Every `name: light-dark(#…, #…)` of the tokens, with two that stand elsewhere in the style sheets.
fn colours() -> BTreeMap<String, Pair> {
    let tokens = read("style/tokens.css");
    let lines = tokens
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": light-dark("));
    let mut colours: BTreeMap<String, Pair> = lines.map(|(name, rest)| (name.to_owned(), pair(rest))).collect();
    let pages = read("style/pages.css");
    let (_, hover) = pages.split_once("tbody tr:hover { background: light-dark(").unwrap();
    colours.insert("row-hover".to_owned(), pair(hover));
    colours.insert("white".to_owned(), ["#ffffff", "#ffffff"].map(str::to_owned));
    colours
}

fn pair(text: &str) -> Pair {
    let (light, rest) = text.split_once(',').unwrap();
    let (dark, _) = rest.split_once(')').unwrap();
    [light.trim().to_owned(), dark.trim().to_owned()]
}

/// Relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn assert_contrast(pairs: &[(&str, &[&str])], least: f64) {
    let colours = colours();
    for (front, behind) in pairs {
        for back in *behind {
            for (theme, i) in [("light", 0), ("dark", 1)] {
                let ratio = contrast(&colours[*front][i], &colours[*back][i]);
                assert!(
                    ratio >= least,
                    "{front} on {back} in the {theme} theme: {ratio:.2}, not {least}"
                );
            }
        }
    }
}

#[test]
fn black_on_white_is_21_to_1() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.001);
}

#[test]
fn text_can_be_read() {
    assert_contrast(&TEXT, 4.5);
}

#[test]
fn controls_can_be_seen() {
    assert_contrast(&EDGES, 3.0);
}

#[test]
fn every_colour_is_looked_at() {
    let used: Vec<&str> = TEXT
        .iter()
        .chain(&EDGES)
        .flat_map(|(front, behind)| behind.iter().chain([front]).copied())
        .collect();
    for name in colours().keys() {
        // A line that only parts what text and space part already.
        assert!(used.contains(&name.as_str()) || name == "line", "{name} is in no pair");
    }
}
