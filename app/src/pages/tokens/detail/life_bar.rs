//! The timeline of a token's life, as an SVG. The facts next to it contain the same information.

use domain::{Expiry, Status, Timestamp, Token};
use leptos::prelude::*;

use super::super::row_texts::ago;
use super::life::{Label, LabelPlace, Life, NARROW, WIDE, narrow_end, place_labels};
use crate::http::time_zone::PageTimeZone;

/// The line's distance from the top, in pixels.
const LINE_PX: usize = 24;
const LINE_HEIGHT_PX: usize = 8;

/// The baselines of the names above and the dates below the line.
const NAME_PX: usize = 12;
const DATE_PX: usize = 56;

/// The timeline. `None` if the workspace does not report when the token was created.
pub(super) fn life_bar(token: &Token, now: Timestamp) -> Option<AnyView> {
    let life = Life::of(token, now)?;
    let zone = PageTimeZone::current();
    let (created, used_label) = (created_label(&life, &zone), used_label(&life, token));
    let (end, others) = (end_label(&life, token, &zone), minor_labels(&life, &zone));
    let for_narrow = [end.clone().map(narrow_end), used_label.clone().map(without_addition)];
    let narrow = place_labels(NARROW, created.clone(), for_narrow.into_iter().flatten());
    let all: Vec<_> = [used_label, end].into_iter().flatten().chain(others).collect();
    let medium = place_labels(NARROW, created.clone(), all.clone());
    let wide = place_labels(WIDE, created, all);
    let group =
        |class, labels: Vec<LabelPlace>| view! { <g class=class>{labels.into_iter().map(label).collect_view()}</g> };
    let used = life.place(life.last_used.unwrap_or(life.created));
    let unused = (life.place(life.unused_until()) - used).max(0.0);
    let ticks = [Some(life.now), life.revoked_if_unused, expiry_of(&life)];
    let ticks = ticks.into_iter().flatten().map(|at| tick(life.place(at)));
    let dots = [Some(life.created), life.last_used];
    let dots = dots.into_iter().flatten().map(|at| dot(life.place(at)));
    let picture = view! {
        <section class="card life" aria-label="Life of the token">
            <svg width="100%" height="62" role="img" aria-labelledby="token-life">
                <title id="token-life">{sentence(&life, token, &zone)}</title>
                <rect class="track" y=LINE_PX width="100%" height=LINE_HEIGHT_PX rx="4"></rect>
                <rect class="used" y=LINE_PX width=percent(used) height=LINE_HEIGHT_PX rx="4"></rect>
                <rect class="unused" x=percent(used) y=LINE_PX width=percent(unused) height=LINE_HEIGHT_PX></rect>
                {ticks.collect_view()} {dots.collect_view()}
                {group("narrow", narrow)} {group("medium", medium)} {group("wide", wide)}
            </svg>
        </section>
    };
    Some(picture.into_any())
}

fn expiry_of(life: &Life) -> Option<Timestamp> {
    match life.expiry {
        Expiry::At(end) => Some(end.max(life.created)),
        Expiry::Never | Expiry::Unknown => None,
    }
}

fn created_label(life: &Life, zone: &PageTimeZone) -> Label {
    Label {
        at: 0.0,
        name: "Created".to_owned(),
        date: zone.day(life.created).to_string(),
        addition: String::new(),
        is_minor: false,
    }
}

/// The day of last use is the day that the workspace reports.
fn used_label(life: &Life, token: &Token) -> Option<Label> {
    let (day, today) = (token.last_used?, life.now.day());
    Some(Label {
        at: life.place(day.start()),
        name: "Last used".to_owned(),
        date: day.to_string(),
        addition: match today.days_since(day) {
            0..=99 => format!(", {}", ago(day, today)),
            _ => String::new(),
        },
        is_minor: false,
    })
}

/// `None` if the end is unknown.
fn end_label(life: &Life, token: &Token, zone: &PageTimeZone) -> Option<Label> {
    let name = match token.status(life.now) {
        Status::Expired => "Expired",
        Status::Active | Status::Unknown => "Expires",
    };
    match life.expiry {
        Expiry::Never => Some(minor_label(100.0, name, "never".to_owned())),
        Expiry::At(_) | Expiry::Unknown => {
            let end = expiry_of(life)?;
            Some(minor_label(life.place(end), name, zone.day(end).to_string()))
        }
    }
}

/// In the order of their importance.
fn minor_labels(life: &Life, zone: &PageTimeZone) -> impl Iterator<Item = Label> {
    let revoked = life.revoked_if_unused;
    // The workspace reports days of use in UTC.
    let revoked = revoked.map(|at| minor_label(life.place(at), "Revoked if unused", at.day().to_string()));
    let today = minor_label(life.place(life.now), "Today", zone.day(life.now).to_string());
    revoked.into_iter().chain([today])
}

fn minor_label(at: f64, name: &str, date: String) -> Label {
    Label {
        at,
        name: name.to_owned(),
        date,
        addition: String::new(),
        is_minor: true,
    }
}

fn without_addition(label: Label) -> Label {
    Label {
        addition: String::new(),
        ..label
    }
}

/// The timeline as text.
fn sentence(life: &Life, token: &Token, zone: &PageTimeZone) -> String {
    let mut parts = vec![format!("Created {}", zone.day(life.created))];
    parts.push(match token.last_used {
        Some(day) => format!("last used {day}"),
        None => "never used".to_owned(),
    });
    parts.push(format!("today {}", zone.day(life.now)));
    if let Some(at) = life.revoked_if_unused {
        parts.push(match at > life.now {
            true => format!("revoked by Databricks if unused until about {}", at.day()),
            false => "revoked by Databricks at any time, because it is unused".to_owned(),
        });
    }
    parts.push(match life.expiry {
        Expiry::At(end) if end <= life.now => format!("expired {}", zone.day(end)),
        Expiry::At(end) => format!("expires {}", zone.day(end)),
        Expiry::Never => "never expires".to_owned(),
        Expiry::Unknown => "expiry unknown".to_owned(),
    });
    format!("{}.", parts.join(", "))
}

fn tick(at: f64) -> AnyView {
    view! { <rect class="tick" x=percent(at) y="18" width="2" height="20"></rect> }.into_any()
}

fn dot(at: f64) -> AnyView {
    view! { <circle class="dot" cx=percent(at) cy=LINE_PX + LINE_HEIGHT_PX / 2 r="6"></circle> }.into_any()
}

fn label(placed: LabelPlace) -> AnyView {
    let anchor = if placed.is_end { "end" } else { "start" };
    let x = percent(placed.x);
    let leader = placed.is_apart().then(|| {
        let (from, x) = (percent(placed.label.at), x.clone());
        view! { <line class="leader" x1=from y1=LINE_PX x2=x y2=NAME_PX + 2></line> }
    });
    let Label {
        name, date, addition, ..
    } = placed.label;
    view! {
        {leader}
        <text x=x.clone() y=NAME_PX text-anchor=anchor>
            {name}
        </text>
        <text class="strong" x=x y=DATE_PX text-anchor=anchor>
            {date + &addition}
        </text>
    }
    .into_any()
}

fn percent(share: f64) -> String {
    format!("{share:.2}%")
}
