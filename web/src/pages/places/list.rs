//! What the lists share: what narrows and sorts them, and the cells that several have. The rows are each page's own.

use contract::places::QuotaQuery;
use contract::workspaces::{FacetValue, WorkspaceFacetsView};
use domain::ids::{AccountId, Region};
use leptos::prelude::*;

use crate::api::{exports, workspaces};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::filter_bar::SearchBox;
use crate::components::ui::states::PartNotice;
use crate::format::{counted, thousands};
use crate::pages::workspaces::{Facet, ListUrl};
use crate::state::loader::Loader;
use crate::state::url_list::{UrlList, list_query};

// The query of quotas has all that those of the other lists have.
list_query!(QuotaQuery);

/// The orders of what has WorkSpaces.
pub const BY_WORKSPACES: &[(&str, &str)] = &[
    ("", "By name"),
    ("-name", "By name, from the end"),
    ("-workspaces", "Most WorkSpaces first"),
    ("workspaces", "Fewest WorkSpaces first"),
];

/// What narrows and sorts a list, and takes it along.
#[component]
pub fn PlaceTools(
    /// Where the list is in the address.
    list: UrlList<QuotaQuery>,
    /// What the search finds, in words.
    label: &'static str,
    /// The orders to choose from.
    orders: &'static [(&'static str, &'static str)],
    /// The shares to choose from, percent.
    shares: &'static [u64],
    /// The path of its export.
    export: &'static str,
) -> impl IntoView {
    let facets = Loader::once(workspaces::facets);
    let account = Signal::derive(move || list.query.with(|q| q.account.clone().unwrap_or_default()));
    let region = Signal::derive(move || list.query.with(|q| q.region.clone().unwrap_or_default()));
    let sort =
        Signal::derive(move || list.query.with(|q| q.sort.clone().filter(|sort| sort != "name").unwrap_or_default()));
    let accounts =
        Signal::derive(move || options("Every account", known(facets, |facets| &facets.account), &account.get()));
    let regions =
        Signal::derive(move || options("Every region", known(facets, |facets| &facets.region), &region.get()));
    let change = move |of: fn(&mut QuotaQuery) -> &mut Option<String>| {
        Callback::new(move |value| list.change(|q| *of(q) = value))
    };
    let share = Memo::new(move |_| list.query.with(|q| q.used_from));
    let used = (!shares.is_empty()).then(|| {
        let options = Signal::derive(move || share_options(shares, share.get()));
        let chosen = Signal::derive(move || share.get().map(|percent| percent.to_string()).unwrap_or_default());
        let choose =
            move |value: Option<String>| list.change(|q| q.used_from = value.and_then(|value| value.parse().ok()));
        view! { <Menu label="Share that is used" testid="place-share" options chosen on_change=choose/> }
    });
    let sorts = orders.iter().map(|&(value, words)| (value.to_owned(), words.to_owned())).collect::<Vec<_>>();
    view! {
        <div class="tools">
            <SearchBox
                label testid="place-search"
                value=Signal::derive(move || list.query.with(|q| q.q.clone().unwrap_or_default()))
                on_search=move |words: String| list.change(|q| q.q = Some(words).filter(|w| !w.is_empty()))
            />
            <Menu
                label="Account" testid="place-account" options=accounts chosen=account
                on_change=change(|q| &mut q.account)
            />
            <Menu
                label="Region" testid="place-region" options=regions chosen=region
                on_change=change(|q| &mut q.region)
            />
            {used}
            <Menu
                label="Order" testid="place-sort" options=Signal::stored(sorts) chosen=sort
                on_change=change(|q| &mut q.sort)
            />
            <ExportMenu href=Signal::derive(move || list.query.with(|q| exports::href(export, q)))/>
        </div>
        <PartNotice loader=facets what="What the menus offer"/>
    }
}

/// One of several, or all of them.
#[component]
fn Menu(
    /// What it chooses.
    label: &'static str,
    /// For browser tests.
    testid: &'static str,
    /// The values with their words.
    options: Signal<Vec<(String, String)>>,
    /// The value that is chosen.
    chosen: Signal<String>,
    /// Chooses; `None` for the first, which is what holds when nothing is said.
    #[prop(into)]
    on_change: Callback<Option<String>>,
) -> impl IntoView {
    let lines = move || {
        let chosen = chosen.get();
        let line = |(value, words): (String, String)| {
            let selected = value == chosen;
            view! { <option value=value prop:selected=selected>{words}</option> }
        };
        options.get().into_iter().map(line).collect_view()
    };
    view! {
        <select class="input select filter-field" aria-label=label data-testid=testid
            on:change=move |event| on_change.run(Some(event_target_value(&event)).filter(|value| !value.is_empty()))>
            {lines}
        </select>
    }
}

/// The values of a facet with their labels; none until they are read.
fn known(facets: Loader<WorkspaceFacetsView>, of: fn(&WorkspaceFacetsView) -> &[FacetValue]) -> Vec<(String, String)> {
    let pair = |one: &FacetValue| (one.value.clone(), one.label.clone());
    facets.data.with(|facets| facets.as_ref().map(|facets| of(facets).iter().map(pair).collect()).unwrap_or_default())
}

/// What a menu offers: all of them, what there is, and what the address asks for beside that.
fn options(every: &str, known: Vec<(String, String)>, chosen: &str) -> Vec<(String, String)> {
    let mut options = vec![(String::new(), every.to_owned())];
    options.extend(known);
    if !options.iter().any(|(value, _)| value == chosen) {
        options.push((chosen.to_owned(), chosen.to_owned()));
    }
    options
}

/// What the menu of shares offers: any, those to choose from, and what the address asks for beside them.
fn share_options(shares: &[u64], chosen: Option<u32>) -> Vec<(String, String)> {
    let other = chosen.map(u64::from).filter(|percent| !shares.contains(percent));
    let words = |percent: u64| (percent.to_string(), format!("{percent} % or more"));
    let known = shares.iter().copied().chain(other).map(words).collect();
    options("Any share", known, "")
}

/// The cell that leads to the WorkSpaces: those of that directory or bundle in that region of that account, since several accounts
/// may see the same bundle.
pub fn workspaces_cell(facet: Facet, aws_id: &str, account: AccountId, region: &Region, count: u64) -> AnyView {
    let said = format!("{} of {aws_id}", counted(count, "WorkSpace", "WorkSpaces"));
    let href = address(facet, aws_id, account, region);
    view! { <td data-label="WorkSpaces"><a href=href aria-label=said data-testid="place-workspaces">{thousands(count)}</a></td> }
        .into_any()
}

fn address(facet: Facet, aws_id: &str, account: AccountId, region: &Region) -> String {
    let url = ListUrl::default().toggled(facet, aws_id).toggled(Facet::Account, &account.to_string());
    url.toggled(Facet::Region, region.as_str()).path()
}

/// The cell that says where something is.
pub fn place_cell(account: String, region: &Region) -> AnyView {
    view! { <td data-label="Account">{account}<span class="cell-sub">{region.to_string()}</span></td> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_address_asks_for_is_offered_beside_what_there_is() {
        let known = || vec![("a".to_owned(), "Demo".to_owned())];
        let values = |chosen| options("Every account", known(), chosen).into_iter().map(|(value, _)| value);
        assert_eq!(values("").collect::<Vec<_>>(), ["", "a"]);
        assert_eq!(values("a").collect::<Vec<_>>(), ["", "a"]);
        assert_eq!(values("a,b").collect::<Vec<_>>(), ["", "a", "a,b"]);
    }

    #[test]
    fn a_share_that_the_address_asks_for_is_offered_beside_the_others() {
        let values = |chosen| share_options(&[80, 100], chosen).into_iter().map(|(value, _)| value).collect::<Vec<_>>();
        assert_eq!(values(None), ["", "80", "100"]);
        assert_eq!(values(Some(80)), ["", "80", "100"]);
        assert_eq!(values(Some(95)), ["", "80", "100", "95"]);
        assert_eq!(share_options(&[80], None)[1].1, "80 % or more");
    }

    #[test]
    fn a_number_leads_to_what_it_counts() {
        let account = AccountId(uuid::Uuid::from_u128(7));
        let region: Region = "eu-central-1".parse().unwrap();
        let url = ListUrl::parse(address(Facet::Bundle, "wsb-1", account, &region).trim_start_matches("/workspaces"));
        assert_eq!(url.query.bundle.as_deref(), Some("wsb-1"));
        assert_eq!(url.query.account, Some(account.to_string()));
        assert_eq!(url.query.region.as_deref(), Some("eu-central-1"));
    }
}
