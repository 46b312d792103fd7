//! The columns of the list: which there are, which are shown. Pure but for [`ColumnsMenu`]. The user's column is always there. To
//! add one: a variant here, its name in `contract::workspaces::COLUMNS`, its cell in `table.rs`.

use contract::workspaces::{COLUMNS, DEFAULT_COLUMNS, SORTS};
use leptos::prelude::*;

use crate::components::ui::popover::Popover;
use crate::components::ui::{Button, ButtonSize};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// State.
    State,
    /// Who is connected, or was last.
    LastConnected,
    /// Running mode.
    RunningMode,
    /// Compute type.
    Compute,
    /// Bundle.
    Bundle,
    /// Region.
    Region,
    /// Account.
    Account,
    /// Directory.
    Directory,
    /// The computer's name.
    Computer,
    /// The private address.
    Address,
    /// Since when it is in its state.
    Since,
    /// AWS's id.
    Id,
}

impl Column {
    /// In the order of the table, which is that of the contract.
    pub const ALL: [Self; 12] = [
        Self::State,
        Self::LastConnected,
        Self::RunningMode,
        Self::Compute,
        Self::Bundle,
        Self::Region,
        Self::Account,
        Self::Directory,
        Self::Computer,
        Self::Address,
        Self::Since,
        Self::Id,
    ];

    /// Its name in the address, which is also that of its sort where it has one.
    pub fn key(self) -> &'static str {
        Self::ALL.iter().zip(COLUMNS).find(|(column, _)| **column == self).map_or("", |(_, key)| key)
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::State => "State",
            Self::LastConnected => "Last connected",
            Self::RunningMode => "Running mode",
            Self::Compute => "Compute",
            Self::Bundle => "Bundle",
            Self::Region => "Region",
            Self::Account => "Account",
            Self::Directory => "Directory",
            Self::Computer => "Computer",
            Self::Address => "Address",
            Self::Since => "In this state",
            Self::Id => "WorkSpace",
        }
    }

    /// Whether the list can be sorted by it.
    pub fn sorts(self) -> bool {
        SORTS.contains(&self.key())
    }
}

/// The columns that are shown, in the order of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<Column>);

impl Default for Columns {
    fn default() -> Self {
        Self::keyed(|key| DEFAULT_COLUMNS.contains(&key))
    }
}

impl Columns {
    fn keyed(shown: impl Fn(&str) -> bool) -> Self {
        Self(Column::ALL.into_iter().filter(|column| shown(column.key())).collect())
    }

    /// Reads names separated by commas, in whatever order, and gives those that are no column. Without any column the usual ones
    /// are shown.
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let names: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let unknown = names.iter().filter(|name| !COLUMNS.contains(name)).map(|name| (*name).to_owned()).collect();
        let columns = Self::keyed(|key| names.contains(&key));
        (if columns.0.is_empty() { Self::default() } else { columns }, unknown)
    }

    /// The text of the address; `None` for the usual ones.
    pub fn text(&self) -> Option<String> {
        let keys: Vec<_> = self.0.iter().map(|column| column.key()).collect();
        (*self != Self::default()).then(|| keys.join(","))
    }

    /// Those that are shown.
    pub fn shown(&self) -> &[Column] {
        &self.0
    }

    /// Whether one is shown.
    pub fn has(&self, column: Column) -> bool {
        self.0.contains(&column)
    }

    /// The same with one more or one less; the last one stays.
    pub fn toggled(&self, column: Column) -> Self {
        if self.0 == [column] {
            return self.clone();
        }
        Self(Column::ALL.into_iter().filter(|one| self.has(*one) != (*one == column)).collect())
    }
}

/// The menu of columns.
#[component]
pub fn ColumnsMenu(
    /// Those that are shown.
    #[prop(into)]
    columns: Signal<Columns>,
    /// Shows others.
    #[prop(into)]
    on_change: Callback<Columns>,
) -> impl IntoView {
    let usual = Signal::derive(move || columns.with(|columns| *columns == Columns::default()));
    let rows = move |column: Column| {
        let last = move || columns.with(|columns| columns.shown() == [column]);
        view! {
            <li>
                <label class="facet-option" data-testid=format!("column-{}", column.key())>
                    <input
                        type="checkbox"
                        prop:checked=move || columns.with(|columns| columns.has(column))
                        disabled=last
                        on:change=move |_| on_change.run(columns.with_untracked(|columns| columns.toggled(column)))
                    />
                    <span class="facet-label">{column.label()}</span>
                </label>
            </li>
        }
    };
    let reason = Signal::derive(move || usual.get().then(|| "These are the usual columns".to_owned()));
    view! {
        <Popover open=RwSignal::new(false) label="Columns" testid="columns".to_owned() active=Signal::derive(move || !usual.get()) head=|| "Columns">
            <ul class="facet-list">{Column::ALL.into_iter().map(rows).collect_view()}</ul>
            <div class="views-foot">
                <Button size=ButtonSize::Small testid="columns-usual" reason on_click=move |()| on_change.run(Columns::default())>
                    "Show the usual ones"
                </Button>
            </div>
        </Popover>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_the_contract() {
        let keys: Vec<_> = Column::ALL.iter().map(|column| column.key()).collect();
        assert_eq!(keys, COLUMNS);
        let usual: Vec<_> = Columns::default().shown().iter().map(|column| column.key()).collect();
        assert_eq!(usual, DEFAULT_COLUMNS);
        assert!(Column::State.sorts() && Column::Id.sorts() && Column::Since.sorts() && !Column::Bundle.sorts());
    }

    #[test]
    fn names_are_read_in_any_order_and_unknown_ones_told() {
        let (columns, unknown) = Columns::parse("bundle, state,shoe,state");
        assert_eq!(columns.shown(), [Column::State, Column::Bundle]);
        assert_eq!(unknown, ["shoe"]);
        assert_eq!(columns.text().as_deref(), Some("state,bundle"));
        assert_eq!(Columns::parse("shoe"), (Columns::default(), vec!["shoe".to_owned()]));
        assert_eq!(Columns::default().text(), None);
    }

    #[test]
    fn one_column_stays() {
        let (columns, _) = Columns::parse("state,bundle");
        let one = columns.toggled(Column::State);
        assert_eq!(one.shown(), [Column::Bundle]);
        assert_eq!(one.toggled(Column::Bundle), one);
        assert_eq!(one.toggled(Column::State), columns);
    }
}
