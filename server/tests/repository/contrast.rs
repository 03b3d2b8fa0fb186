//! Contrast of colours, calculated (WCAG 2.2, success criteria 1.4.3 and 1.4.11). In both themes, text has a ratio of
//! at least 4.5 to its background, and the edges and fills that make a control visible have at least 3.

use std::collections::{BTreeMap, BTreeSet};

use crate::{our_texts_in, read};

const TOKENS: &str = "style/tokens.css";

/// The colour of a button while the pointer is over it.
const ACCENT_HOVER: &str = "color-mix(in srgb, var(--accent), var(--ink) 15%)";
const DANGER_HOVER: &str = "color-mix(in srgb, var(--danger-fill), #000 15%)";

/// Text colours, each with all backgrounds that it is used on.
const TEXT: [(&str, &[&str]); 10] = [
    (
        "ink",
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
    (
        "ink-2",
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
    ("accent-ink", &["accent", ACCENT_HOVER]),
    ("#fff", &["danger-fill", DANGER_HOVER]),
    ("danger", &["bg", "surface", "row-hover", "danger-soft"]),
    ("warn", &["surface", "surface-2", "row-hover", "warn-soft"]),
    ("ok", &["surface", "row-hover", "ok-soft"]),
    ("violet", &["surface", "row-hover", "violet-soft"]),
];

/// Colours of edges and fills that make a control or an icon recognisable, each with its surroundings.
const EDGES: [(&str, &[&str]); 7] = [
    ("line-strong", &["bg", "surface", "row-hover"]),
    ("accent", &["bg", "surface", "surface-2"]),
    ("danger", &["bg", "surface", "danger-soft"]),
    ("danger-fill", &["bg", "surface"]),
    ("ink-3", &["surface", "row-hover"]),
    ("warn", &["warn-soft"]),
    ("ok", &["surface", "row-hover", "ok-soft"]),
];

/// Colour tokens without a pair. Lines are not needed to separate what text and space separate already.
const WITHOUT_PAIR: [&str; 1] = ["line"];

/// Colours that are used without a token and need no contrast: the background of paper, which is white in every theme,
/// and the shade over a page behind a dialog.
const OUTSIDE_TOKENS: [&str; 2] = ["background: #fff", "background: rgb(10 14 20 / 0.5)"];

/// Red, green and blue from 0 to 255.
type Rgb = [f64; 3];

/// A colour in the light and in the dark theme.
type Themes = [Rgb; 2];

/// The declarations of a style sheet, such as `color: #fff`, in one line.
fn declarations(sheet: &str) -> Vec<String> {
    let without_comments: String = sheet
        .split("/*")
        .enumerate()
        .map(|(n, part)| match n {
            0 => part,
            _ => part.split_once("*/").map_or("", |(_, after)| after),
        })
        .collect();
    without_comments
        .split(['{', '}', ';'])
        .map(|declaration| declaration.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|declaration| !declaration.is_empty())
        .collect()
}

/// Path and declarations of every style sheet.
fn style_sheets() -> Vec<(String, Vec<String>)> {
    our_texts_in("style/", &["css"])
        .into_iter()
        .map(|(path, text)| (path, declarations(&text)))
        .collect()
}

/// Every token of the form `--name: light-dark(#…, #…)`.
fn tokens() -> BTreeMap<String, Themes> {
    let declarations = declarations(&read(TOKENS));
    let tokens = declarations.iter().filter_map(|declaration| {
        let (name, value) = declaration.strip_prefix("--")?.split_once(": light-dark(")?;
        let (light, dark) = value.strip_suffix(')').unwrap().split_once(',').unwrap();
        Some((name.to_owned(), [rgb(light), rgb(dark)]))
    });
    tokens.collect()
}

/// The colour of `#rrggbb` or `#rgb`.
fn rgb(hex: &str) -> Rgb {
    let digits = hex.trim().strip_prefix('#').unwrap();
    let width = digits.len() / 3;
    assert!(matches!(digits.len(), 3 | 6), "{hex}");
    [0, 1, 2].map(|n| {
        let channel = &digits[n * width..(n + 1) * width];
        f64::from(u8::from_str_radix(&channel.repeat(2 / width), 16).unwrap())
    })
}

/// The colour of a token name, of `#rgb`, or of `color-mix(in srgb, one, other 15%)`.
fn colour(tokens: &BTreeMap<String, Themes>, value: &str) -> Themes {
    if let Some(mix) = value.strip_prefix("color-mix(in srgb, ") {
        let (one, other) = mix.strip_suffix(')').unwrap().split_once(", ").unwrap();
        let (other, share) = other.rsplit_once(' ').unwrap();
        let share = share.strip_suffix('%').unwrap().parse::<f64>().unwrap() / 100.0;
        let (one, other) = (colour(tokens, one), colour(tokens, other));
        return [0, 1].map(|theme| [0, 1, 2].map(|n| one[theme][n].mul_add(1.0 - share, other[theme][n] * share)));
    }
    if value.starts_with('#') {
        return [rgb(value); 2];
    }
    let name = value.strip_prefix("var(--").and_then(|name| name.strip_suffix(')'));
    let name = name.unwrap_or(value);
    let known = tokens.get(name).copied();
    known.unwrap_or_else(|| unreachable!("{TOKENS} has no colour {name}"))
}

/// Relative luminance, from 0 to 1.
fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let value = channel / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Contrast ratio, from 1 to 21.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn assert_contrast(pairs: &[(&str, &[&str])], min: f64) {
    let tokens = tokens();
    for (front, backgrounds) in pairs {
        for back in *backgrounds {
            let (front_colour, back_colour) = (colour(&tokens, front), colour(&tokens, back));
            for (n, theme) in ["light", "dark"].into_iter().enumerate() {
                let ratio = contrast(front_colour[n], back_colour[n]);
                assert!(
                    ratio >= min,
                    "{front} on {back} in the {theme} theme: {ratio:.2}, less than {min}"
                );
            }
        }
    }
}

/// Every colour that [`TEXT`] or [`EDGES`] names.
fn paired() -> BTreeSet<&'static str> {
    TEXT.iter()
        .chain(&EDGES)
        .flat_map(|(front, backgrounds)| backgrounds.iter().chain([front]).copied())
        .collect()
}

#[test]
fn black_on_white_is_21_to_1() {
    assert!((contrast(rgb("#000"), rgb("#ffffff")) - 21.0).abs() < 0.001);
    // The limit for text on white is between these two greys.
    assert!(contrast(rgb("#777777"), rgb("#fff")) < 4.5);
    assert!(contrast(rgb("#767676"), rgb("#fff")) > 4.5);
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
fn every_token_of_a_colour_is_in_a_pair() {
    let tokens = tokens();
    for name in tokens.keys() {
        let is_known = paired().contains(name.as_str()) || WITHOUT_PAIR.contains(&name.as_str());
        assert!(is_known, "{name} is in no pair");
    }
    // The test would not see a colour in another format.
    let hex = declarations(&read(TOKENS))
        .iter()
        .map(|d| d.matches('#').count())
        .sum::<usize>();
    assert_eq!(
        hex,
        tokens.len() * 2,
        "{TOKENS} has a colour that is not in light-dark(#…, #…)"
    );
}

/// A colour in a style sheet is only checked if it is a token, or is in a pair.
#[test]
fn colours_are_written_in_the_tokens() {
    for (path, declarations) in style_sheets() {
        for declaration in declarations.iter().filter(|_| path != TOKENS) {
            let Some((_, value)) = declaration.split_once(": ") else {
                continue;
            };
            let words = value.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '#');
            let is_colour = words.clone().any(|word| {
                let hex = word.strip_prefix('#').unwrap_or_default();
                let functions = ["rgb", "rgba", "hsl", "hsla", "oklch", "lab", "light-dark", "color-mix"];
                let is_hex = hex.len() >= 3 && hex.bytes().all(|b| b.is_ascii_hexdigit());
                is_hex || functions.contains(&word) || ["white", "black", "red", "gray", "grey"].contains(&word)
            });
            let is_known = paired().contains(value) || OUTSIDE_TOKENS.contains(&declaration.as_str());
            assert!(!is_colour || is_known, "{path}: {declaration}");
        }
    }
}

#[test]
fn every_custom_property_that_is_used_is_defined() {
    let sheets = style_sheets();
    let all = || {
        sheets
            .iter()
            .flat_map(|(path, all)| all.iter().map(move |one| (path, one)))
    };
    let defined: BTreeSet<_> = all()
        .filter_map(|(_, declaration)| declaration.split_once(':'))
        .filter_map(|(name, _)| name.strip_prefix("--"))
        .collect();
    for (path, declaration) in all() {
        for rest in declaration.split("var(--").skip(1) {
            let name = rest.split([')', ',']).next().unwrap_or_default();
            assert!(defined.contains(name), "{path} uses --{name}, which is defined nowhere");
        }
    }
}
