//! The table component that all pages use. On a phone the style sheet shows each row as a card, with the heading of the
//! column above each value (`style/components/table.css`).

use std::borrow::Cow;

use domain::Direction;
use leptos::attr::custom::{CustomAttr, custom_attribute};
use leptos::prelude::*;

/// A table with `N` columns. Call [`DataTable::view`] to render it.
pub(crate) struct DataTable<const N: usize> {
    /// The class that the style sheet selects the table by.
    pub(crate) class: Option<&'static str>,
    pub(crate) name: TableName,
    pub(crate) columns: [Column; N],
}

/// How a table is named, so that screen readers can tell it from others.
pub(crate) enum TableName {
    /// A line above the headings.
    Caption(Cow<'static, str>),
    /// A line above the headings that a script updates: its element ID and its text.
    LiveCaption(&'static str, String),
    /// A line above the headings that only screen readers read.
    HiddenCaption(&'static str),
    /// The heading with this element ID.
    Heading(&'static str),
}

/// A column: its heading, and what its cells have in common.
pub(crate) struct Column {
    heading: Cow<'static, str>,
    kind: ColumnKind,
    class: Option<&'static str>,
    /// The URL that sorts the list by this column, and the direction if it is sorted by it now.
    sort: Option<(String, Option<Direction>)>,
    is_shown: bool,
}

enum ColumnKind {
    /// The row's name, which becomes its row heading.
    Name,
    Value,
    Number,
    /// Buttons and links, below a heading that only screen readers read.
    Actions,
    /// A checkbox in each row; the heading holds the one that selects all rows.
    Select(AnyView),
}

/// A row, with a cell for each column.
pub(crate) struct Row<const N: usize> {
    cells: [Cell; N],
    id: Option<String>,
    class: Option<&'static str>,
    filter: Option<(String, bool)>,
}

/// A value in a row.
pub(crate) struct Cell {
    content: AnyView,
    class: Option<Cow<'static, str>>,
    /// How many columns the cell spans, if not one. A `None` cell is skipped because the cell before it covers its
    /// column.
    width: Option<usize>,
}

/// The `class` attribute, omitted without a value. The macro's `class=None` would write `class=""` into every row of a
/// list.
pub(crate) fn optional_class(
    class: Option<impl Into<Cow<'static, str>>>,
) -> CustomAttr<&'static str, Option<Cow<'static, str>>> {
    custom_attribute("class", class.map(Into::into))
}

impl<const N: usize> DataTable<N> {
    /// The table with these rows.
    pub(crate) fn view(self, rows: impl IntoIterator<Item: Into<Row<N>>>) -> AnyView {
        let rows = rows.into_iter().map(|row| row.into().view(&self.columns));
        let rows = rows.collect_view();
        let (caption, heading_id) = self.name.caption();
        view! {
            <table aria-labelledby={heading_id} {..optional_class(self.class)}>
                {caption}
                <thead>
                    <tr>{self.columns.map(Column::heading)}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    }
}

impl TableName {
    /// The caption or, without one, the ID of the heading that names the table.
    fn caption(self) -> (Option<AnyView>, Option<&'static str>) {
        let caption = match self {
            Self::Caption(text) => view! { <caption>{text}</caption> }.into_any(),
            Self::LiveCaption(id, text) => view! {
                <caption id=id aria-live="polite">
                    {text}
                </caption>
            }
            .into_any(),
            Self::HiddenCaption(text) => view! { <caption class="visually-hidden">{text}</caption> }.into_any(),
            Self::Heading(id) => return (None, Some(id)),
        };
        (Some(caption), None)
    }
}

impl Column {
    fn new(heading: impl Into<Cow<'static, str>>, kind: ColumnKind) -> Self {
        Self {
            heading: heading.into(),
            kind,
            class: None,
            sort: None,
            is_shown: true,
        }
    }

    /// The column that names the row.
    pub(crate) fn name(heading: impl Into<Cow<'static, str>>) -> Self {
        Self::new(heading, ColumnKind::Name)
    }

    /// A column of values.
    pub(crate) fn value(heading: &'static str) -> Self {
        Self::new(heading, ColumnKind::Value)
    }

    /// A column of numbers, aligned at their last digits.
    pub(crate) fn number(heading: &'static str) -> Self {
        Self::new(heading, ColumnKind::Number)
    }

    /// A column of buttons or links; `heading` is for screen readers.
    pub(crate) fn actions(heading: &'static str) -> Self {
        Self::new(heading, ColumnKind::Actions)
    }

    /// A column of checkboxes, with `select_all` above them; `heading` is for screen readers.
    pub(crate) fn select(heading: &'static str, select_all: AnyView) -> Self {
        Self::new(heading, ColumnKind::Select(select_all))
    }

    /// Sets the heading's class, which gives the column its width.
    pub(crate) fn class(mut self, class: &'static str) -> Self {
        self.class = Some(class);
        self
    }

    /// Makes the heading a link to the list sorted by this column, in the opposite direction if it is `sorted` by it
    /// already. The style sheet adds an arrow.
    pub(crate) fn sort_link(mut self, href: String, sorted: Option<Direction>) -> Self {
        self.sort = Some((href, sorted));
        self
    }

    /// Shows or hides the column, including its cells.
    pub(crate) fn shown(mut self, is_shown: bool) -> Self {
        self.is_shown = is_shown;
        self
    }

    fn heading(self) -> Option<AnyView> {
        if !self.is_shown {
            return None;
        }
        let (text, sort) = (self.heading, self.sort);
        let class = self.class.or(match &self.kind {
            ColumnKind::Number => Some("num"),
            ColumnKind::Select(_) => Some("cell-select"),
            _ => None,
        });
        let sorted = sort.as_ref().and_then(|(_, sorted)| *sorted);
        let content = match (self.kind, sort) {
            (ColumnKind::Select(select_all), _) => {
                view! { {select_all} <span class="visually-hidden">{text}</span> }.into_any()
            }
            (ColumnKind::Actions, _) => view! { <span class="visually-hidden">{text}</span> }.into_any(),
            (_, Some((href, _))) => view! { <a href=href>{text}</a> }.into_any(),
            (_, None) => text.into_any(),
        };
        let sorted = sorted.map(|direction| match direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        });
        let heading = view! {
            <th scope="col" aria-sort={sorted} {..optional_class(class)}>
                {content}
            </th>
        };
        Some(heading.into_any())
    }

    fn cell(&self, cell: Cell) -> Option<AnyView> {
        if !self.is_shown || cell.width == Some(0) {
            return None;
        }
        let (label, class) = match self.kind {
            ColumnKind::Name => return Some(view! { <th scope="row">{cell.content}</th> }.into_any()),
            ColumnKind::Value => (Some(self.heading.clone()), None),
            ColumnKind::Number => (Some(self.heading.clone()), Some("num".into())),
            ColumnKind::Actions => (None, Some("cell-actions".into())),
            ColumnKind::Select(_) => (None, Some("cell-select".into())),
        };
        let cell = view! {
            <td data-label=label colspan=cell.width {..optional_class(cell.class.or(class))}>
                {cell.content}
            </td>
        };
        Some(cell.into_any())
    }
}

impl<const N: usize> Row<N> {
    /// A row with these cells.
    pub(crate) fn new(cells: [Cell; N]) -> Self {
        Self {
            cells,
            id: None,
            class: None,
            filter: None,
        }
    }

    /// Sets the row's element ID.
    pub(crate) fn id(mut self, id: Option<String>) -> Self {
        self.id = id;
        self
    }

    /// Sets the row's class.
    pub(crate) fn class(mut self, class: Option<&'static str>) -> Self {
        self.class = class;
        self
    }

    /// Sets the text that a script filters the rows by, and whether the row passes the filter now.
    pub(crate) fn filter(mut self, names: String, is_shown: bool) -> Self {
        self.filter = Some((names, is_shown));
        self
    }

    fn view(self, columns: &[Column; N]) -> AnyView {
        let mut cells = self.cells.into_iter();
        let cells = columns
            .each_ref()
            .map(|column| cells.next().and_then(|cell| column.cell(cell)));
        let (names, is_shown) = self.filter.unzip();
        view! {
            <tr id=self.id hidden=is_shown == Some(false) data-names={names} {..optional_class(self.class)}>
                {cells}
            </tr>
        }
        .into_any()
    }
}

impl<const N: usize> From<[Cell; N]> for Row<N> {
    fn from(cells: [Cell; N]) -> Self {
        Self::new(cells)
    }
}

impl Cell {
    /// A cell with this content.
    pub(crate) fn new(content: impl IntoAny) -> Self {
        Self {
            content: content.into_any(),
            class: None,
            width: None,
        }
    }

    /// Sets the cell's class, which overrides that of its column.
    pub(crate) fn class(mut self, class: Option<impl Into<Cow<'static, str>>>) -> Self {
        self.class = class.map(Into::into);
        self
    }

    /// One cell that spans all `N` columns.
    pub(crate) fn across<const N: usize>(content: impl IntoAny) -> [Self; N] {
        let mut content = Some(Self {
            width: Some(N),
            ..Self::new(content)
        });
        std::array::from_fn(|_| {
            content.take().unwrap_or(Self {
                width: Some(0),
                ..Self::new(())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(can_change: bool, cells: [Cell; 3]) -> String {
        let table = DataTable {
            class: None,
            name: TableName::Caption("Newest first".into()),
            columns: [
                Column::name("Token"),
                Column::number("Uses").sort_link("/uses".to_owned(), Some(Direction::Descending)),
                Column::actions("Action").shown(can_change),
            ],
        };
        table.view([cells]).to_html().replace("<!>", "")
    }

    fn cells() -> [Cell; 3] {
        [Cell::new("CI"), Cell::new("3"), Cell::new("Revoke")]
    }

    #[test]
    fn cells_are_labelled_with_the_headings_of_their_columns() {
        assert_eq!(
            html(true, cells()),
            "<table><caption>Newest first</caption><thead><tr><th scope=\"col\">Token</th>\
             <th scope=\"col\" aria-sort=\"descending\" class=\"num\"><a href=\"/uses\">Uses</a></th>\
             <th scope=\"col\"><span class=\"visually-hidden\">Action</span></th></tr></thead>\
             <tbody><tr><th scope=\"row\">CI</th><td data-label=\"Uses\" class=\"num\">3</td>\
             <td class=\"cell-actions\">Revoke</td></tr></tbody></table>"
        );
    }

    #[test]
    fn a_column_that_is_not_shown_has_no_cells() {
        let html = html(false, cells());
        assert!(!html.contains("Action") && !html.contains("Revoke"), "{html}");
    }

    #[test]
    fn a_cell_can_span_several_columns() {
        let [text, rest] = Cell::across("Not found");
        let html = html(true, [Cell::new("No. 1"), text, rest]);
        let row = "<td data-label=\"Uses\" colspan=\"2\" class=\"num\">Not found</td></tr>";
        assert!(html.contains(row), "{html}");
    }
}
