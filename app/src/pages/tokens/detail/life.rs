//! A token's life on a timeline: created, last used, today, and its end.

use domain::{DAY, Expiry, IDLE_REVOCATION_DAYS, Status, Timestamp, Token};

/// The part of the timeline after the last moment of a token that does not end automatically, in percent.
const OPEN_END: f64 = 8.0;

/// The widths of labels, in percent of the timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabelWidths {
    pub(super) label: f64,
    /// The width of a short label.
    pub(super) minor: f64,
}

/// In a timeline narrower than 64rem: there is room for three labels.
pub(super) const NARROW: LabelWidths = LabelWidths {
    label: 32.0,
    minor: 16.0,
};

/// In a timeline of at least 64rem.
pub(super) const WIDE: LabelWidths = LabelWidths {
    label: 18.0,
    minor: 11.5,
};

/// The moments of a token's life, each with a position from 0 to 100 on the timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Life {
    pub(super) created: Timestamp,
    /// The start of the day of last use, or the creation if that is later.
    pub(super) last_used: Option<Timestamp>,
    pub(super) now: Timestamp,
    /// When Databricks will revoke it if it stays unused. `None` if it ends earlier.
    pub(super) revoked_if_unused: Option<Timestamp>,
    pub(super) expiry: Expiry,
    end: Timestamp,
    scale: f64,
}

impl Life {
    /// `None` if the workspace does not report when the token was created.
    pub(super) fn of(token: &Token, now: Timestamp) -> Option<Self> {
        let created = token.created?.min(now);
        let last_used = token.last_used.map(|day| day.start().clamp(created, now));
        let days = DAY * u32::try_from(IDLE_REVOCATION_DAYS).unwrap_or_default();
        let unused_since = token.last_used.map_or(created, domain::Day::start);
        let revoked = unused_since.plus(days);
        let ends_before = matches!(token.expiry, Expiry::At(end) if end <= revoked);
        let revoked_if_unused = (token.status(now) == Status::Active && !ends_before).then_some(revoked.max(now));
        let expiry_end = match token.expiry {
            Expiry::At(end) => Some(end),
            Expiry::Never | Expiry::Unknown => None,
        };
        let end = [Some(now), revoked_if_unused, expiry_end].into_iter().flatten().max()?;
        let scale = if expiry_end.is_some() { 100.0 } else { 100.0 - OPEN_END };
        Some(Self {
            created,
            last_used,
            now,
            revoked_if_unused,
            expiry: token.expiry,
            end,
            scale,
        })
    }

    /// The position of a moment on the timeline, in percent.
    pub(super) fn place(&self, at: Timestamp) -> f64 {
        let whole = self.end.duration_since(self.created).as_secs_f64().max(1.0);
        let part = at.duration_since(self.created).as_secs_f64();
        (part / whole * self.scale).clamp(0.0, 100.0)
    }

    /// The end of the unused time: now, or the end of the token.
    pub(super) fn unused_until(&self) -> Timestamp {
        match self.expiry {
            Expiry::At(end) => end.min(self.now).max(self.created),
            Expiry::Never | Expiry::Unknown => self.now,
        }
    }
}

/// A label of the timeline: a name above and a date below.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    /// The position, in percent.
    pub(super) at: f64,
    pub(super) name: String,
    pub(super) date: String,
    /// The text after the date.
    pub(super) addition: String,
    /// Whether it is short and unimportant: it is left out if it does not fit.
    pub(super) is_minor: bool,
}

/// Where a label is placed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LabelPlace {
    pub(super) label: Label,
    /// In percent.
    pub(super) x: f64,
    /// Whether the label ends at `x` rather than starting there.
    pub(super) is_end: bool,
}

impl LabelPlace {
    /// Whether it is so far from its moment that it could be mistaken for another moment's label.
    pub(super) fn is_apart(&self) -> bool {
        (self.x - self.label.at).abs() > 1.0
    }
}

/// The label of the token's end in a narrow timeline. It has one of two places, so that another label fits into the
/// other.
pub(super) fn narrow_end(label: Label) -> Label {
    let second = 2.0 * NARROW.label;
    let at = if label.at > second { 100.0 } else { second };
    Label {
        at,
        is_minor: false,
        ..label
    }
}

/// Places labels, the most important first, so that none overlaps another. The first one is placed at the start. A
/// minor one that does not fit is left out.
pub(super) fn place_labels(
    widths: LabelWidths,
    first: Label,
    others: impl IntoIterator<Item = Label>,
) -> Vec<LabelPlace> {
    let mut taken = vec![(0.0, widths.label)];
    let mut placed = vec![LabelPlace {
        label: first,
        x: 0.0,
        is_end: false,
    }];
    for label in others {
        let width = if label.is_minor { widths.minor } else { widths.label };
        let is_free = |from: f64| {
            let to = from + width;
            from >= 0.0 && to <= 100.0 && taken.iter().all(|(start, end)| to <= *start || from >= *end)
        };
        let (after, before) = ((label.at, false), (label.at - width, true));
        let tries = match label.is_minor {
            true => [after, before, before, before],
            false => [before, after, (widths.label, false), (100.0 - width, true)],
        };
        let found = tries.into_iter().find(|(from, _)| is_free(*from));
        if let Some((from, is_end)) = found {
            taken.push((from, from + width));
            let x = if is_end { from + width } else { from };
            placed.push(LabelPlace { label, x, is_end });
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use domain::{Day, TokenId};

    use super::*;

    fn at(day: &str) -> Timestamp {
        Day::from_iso(day).unwrap().start()
    }

    fn token(created: &str, last_used: Option<&str>, expiry: Expiry) -> Token {
        Token {
            id: TokenId::new("a"),
            comment: String::new(),
            owner: None,
            creator: None,
            creator_name: None,
            created: Some(at(created)),
            expiry,
            last_used: last_used.and_then(Day::from_iso),
            scopes: None,
            autoscope: None,
            inferred_scopes: Vec::new(),
            backfill_scopes: Vec::new(),
            workspace_id: None,
        }
    }

    #[test]
    fn an_unused_token_is_revoked_ninety_days_after_its_last_use_unless_it_ends_before() {
        let now = at("2026-11-25");
        let never = Life::of(&token("2025-02-03", Some("2026-11-12"), Expiry::Never), now).unwrap();
        assert_eq!(never.revoked_if_unused, Some(at("2027-02-10")));
        assert!(
            (never.place(never.end) - (100.0 - OPEN_END)).abs() < 0.01,
            "the end stays open"
        );
        let soon = Expiry::At(at("2026-12-01"));
        let ends = Life::of(&token("2025-02-03", Some("2026-11-12"), soon), now).unwrap();
        assert_eq!(ends.revoked_if_unused, None);
        let unused = Life::of(&token("2026-11-01", None, Expiry::Never), now).unwrap();
        assert_eq!(
            (unused.last_used, unused.revoked_if_unused),
            (None, Some(at("2027-01-30")))
        );
        let overdue = Life::of(&token("2025-02-03", Some("2026-01-01"), Expiry::Never), now).unwrap();
        assert_eq!(overdue.revoked_if_unused, Some(now), "not in the past");
        let expired = Life::of(&token("2025-02-03", None, Expiry::At(at("2026-02-03"))), now).unwrap();
        assert_eq!(
            (expired.revoked_if_unused, expired.unused_until()),
            (None, at("2026-02-03"))
        );
    }

    #[test]
    fn positions_are_on_the_timeline_whatever_the_workspace_reports() {
        let now = at("2026-11-25");
        let odd = token("2027-05-01", Some("2030-01-01"), Expiry::At(at("1990-01-01")));
        let life = Life::of(&odd, now).unwrap();
        for moment in [life.created, now, at("1990-01-01"), at("2999-01-01")] {
            assert!((0.0..=100.0).contains(&life.place(moment)));
        }
        assert!(Life::of(&Token { created: None, ..odd }, now).is_none());
    }

    #[test]
    fn labels_do_not_cover_each_other() {
        let label = |at: f64, is_minor| Label {
            at,
            name: String::new(),
            date: String::new(),
            addition: String::new(),
            is_minor,
        };
        let spans = |others: Vec<Label>| -> Vec<(f64, bool)> {
            let placed = place_labels(NARROW, label(0.0, false), others);
            placed.iter().skip(1).map(|placed| (placed.x, placed.is_end)).collect()
        };
        let apart = vec![label(64.0, false), label(84.0, true), label(66.0, true)];
        assert_eq!(spans(apart), [(64.0, true), (84.0, false), (66.0, false)]);
        let crowded = vec![label(64.0, false), label(72.0, true), label(66.0, true)];
        assert_eq!(
            spans(crowded),
            [(64.0, true), (72.0, false)],
            "one label too many is left out"
        );
        assert_eq!(spans(vec![label(99.0, false)]), [(99.0, true)]);
        assert_eq!(spans(vec![label(1.0, false)]), [(NARROW.label, false)]);
    }

    #[test]
    fn a_narrow_picture_has_the_end_and_the_last_use_wherever_they_are() {
        let label = |at: u32| Label {
            at: f64::from(at),
            name: String::new(),
            date: String::new(),
            addition: String::new(),
            is_minor: false,
        };
        for (end, used) in (0..=100).flat_map(|end| (0..=100).map(move |used| (end, used))) {
            let placed = place_labels(NARROW, label(0), [narrow_end(label(end)), label(used)]);
            assert_eq!(placed.len(), 3, "end {end}, last use {used}");
        }
    }
}
