//! How many tokens expire in each of the coming weeks, as a bar chart whose bars are links, and as text.

use domain::{ExpiryWeek, ExpiryWeeks, ExpiryWindow, TokenCount};
use leptos::prelude::*;

use super::{number_of, sentence, tokens_of};

/// The height of the longest bar, in pixels.
const MAX_BAR_PX: usize = 28;

/// The height of the numbers above the bars, in pixels.
const NUMBER_PX: usize = 14;

/// The width of a bar, in thousandths of the width of its week.
const BAR_WIDTH: usize = 900;

/// The chart with numbers and links. `url` returns the list of the tokens that expire in a window.
pub(crate) fn expiry_weeks(weeks: &ExpiryWeeks, url: impl Fn(ExpiryWindow) -> String) -> AnyView {
    let most = most_in_a_week(weeks);
    let count = weeks.weeks.len();
    let links = weeks.weeks.iter().enumerate();
    let links = links.map(|(i, week)| link(week, i, count, most, url(week.window)));
    let lines: Vec<_> = weeks.weeks.iter().map(week_text).collect();
    view! {
        <figure class="expiry-weeks">
            <figcaption>{format!("Expiring per week, next {count} weeks")}</figcaption>
            <div class="weeks-picture">
                <div class="weeks-bars">
                    <svg height=MAX_BAR_PX + NUMBER_PX role="group" aria-label="Expiring per week, each a filter">
                        {links.collect_view()}
                        {bars(weeks, most, NUMBER_PX)}
                    </svg>
                </div>
                {end(weeks.later, "later", url(ExpiryWindow::Later))}
                {end(weeks.never, "never", url(ExpiryWindow::Never))}
            </div>
            <details>
                <summary>"Expiring per week, as text"</summary>
                <p>{lines.join("\n")}</p>
            </details>
        </figure>
    }
    .into_any()
}

/// The chart without numbers and links, for use inside a link that has a name of its own.
pub(crate) fn expiry_sparkline(weeks: &ExpiryWeeks) -> AnyView {
    view! {
        <svg height=MAX_BAR_PX aria-hidden="true">
            {bars(weeks, most_in_a_week(weeks), 0)}
        </svg>
    }
    .into_any()
}

fn most_in_a_week(weeks: &ExpiryWeeks) -> usize {
    weeks.weeks.iter().map(|week| week.tokens.seen()).max().unwrap_or(0)
}

/// At least 2 pixels, so that every bar is visible.
fn bar_height(week: &ExpiryWeek, most: usize) -> usize {
    (week.tokens.seen() * MAX_BAR_PX / most.max(1)).max(2)
}

/// The number above a bar, and a link as high as the chart, which makes short bars as easy to click as long ones.
fn link(week: &ExpiryWeek, i: usize, count: usize, most: usize, url: String) -> AnyView {
    let share = 100_000 / count.max(1);
    let (x, width) = (percent(i * share), percent(share * BAR_WIDTH / 1000));
    let middle = percent(i * share + share * BAR_WIDTH / 2000);
    let top = NUMBER_PX + MAX_BAR_PX - bar_height(week, most);
    view! {
        <a href=url aria-label=week_text(week)>
            <rect class="track" x=x y=NUMBER_PX width=width height=MAX_BAR_PX rx="2"></rect>
            <text x=middle y=top.saturating_sub(3) text-anchor="middle">
                {number_of(week.tokens)}
            </text>
        </a>
    }
    .into_any()
}

/// The bars, drawn over the links: the first week as one path and the others as a second one. One element per bar would
/// make up a tenth of the page without its rows. One horizontal unit is a thousandth of the width of a week.
fn bars(weeks: &ExpiryWeeks, most: usize, top: usize) -> AnyView {
    let heights: Vec<_> = weeks.weeks.iter().map(|week| bar_height(week, most)).collect();
    let is_any_soon = weeks.weeks.first().is_some_and(|week| week.tokens.seen() > 0);
    let path = |weeks: &[usize], first: usize| -> String {
        let bars = weeks.iter().enumerate();
        bars.map(|(i, height)| format!("M{} {MAX_BAR_PX}v-{height}h{BAR_WIDTH}v{height}z", (first + i) * 1000))
            .collect()
    };
    let (soon, later) = heights.split_at(heights.len().min(1));
    view! {
        <svg
            class="bars"
            y=top
            height=MAX_BAR_PX
            viewBox=format!("0 0 {} {MAX_BAR_PX}", heights.len() * 1000)
            preserveAspectRatio="none"
        >
            <path class=is_any_soon.then_some("soon") d=path(soon, 0)></path>
            <path d=path(later, 1)></path>
        </svg>
    }
    .into_any()
}

fn end(tokens: TokenCount, label: &'static str, url: String) -> AnyView {
    view! {
        <a class="weeks-end" href=url>
            {format!("{}\n{label}", sentence(&number_of(tokens)))}
        </a>
    }
    .into_any()
}

/// `26 Nov 2026 to 3 Dec 2026 (UTC): 6 tokens expire`. In UTC, like the days in the filters of the list.
fn week_text(week: &ExpiryWeek) -> String {
    format!(
        "{} to {} (UTC): {}",
        week.from.day(),
        week.until.day(),
        tokens_expire(week.tokens)
    )
}

/// `1 token expires`, `6 tokens expire`.
pub(crate) fn tokens_expire(tokens: TokenCount) -> String {
    let verb = match tokens {
        TokenCount::Exactly(1) => "expires",
        _ => "expire",
    };
    format!("{} {verb}", tokens_of(tokens, "token"))
}

/// `7.6%`, from thousandths of a percent: for lengths in an SVG without a `viewBox`. More digits would be less than a
/// pixel.
pub(crate) fn percent(thousandths: usize) -> String {
    format!("{}.{}%", thousandths / 1000, thousandths % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    #[test]
    fn a_week_is_named_by_its_days_and_its_tokens() {
        let week = ExpiryWeek {
            window: ExpiryWindow::Days7,
            from: Timestamp::from_ms(1_795_442_400_000),
            until: Timestamp::from_ms(1_796_047_200_000),
            tokens: TokenCount::Exactly(1),
        };
        assert_eq!(week_text(&week), "23 Nov 2026 to 30 Nov 2026 (UTC): 1 token expires");
        let more = ExpiryWeek {
            tokens: TokenCount::AtLeast(2),
            ..week
        };
        assert_eq!(
            week_text(&more),
            "23 Nov 2026 to 30 Nov 2026 (UTC): at least 2 tokens expire"
        );
        assert_eq!(
            (percent(0), percent(7692), percent(100_000)),
            ("0.0%".into(), "7.6%".into(), "100.0%".into())
        );
    }
}
