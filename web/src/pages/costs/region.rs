//! Which region's costs are shown: one that was billed on the days that are looked at.

use contract::costs::{CostGroupView, CostGroupsQuery};
use contract::page::{MAX_LIMIT, Page};
use domain::ids::Region;
use leptos::prelude::*;

use super::state::CostUrl;
use crate::api::costs as api;
use crate::state::loader::Loader;

/// The choice; nothing where there is one region.
#[component]
pub fn RegionPicker(
    /// Where the reader is; for reading.
    here: Memo<Option<CostUrl>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
    /// Goes there.
    on_change: Callback<CostUrl>,
) -> impl IntoView {
    // Whichever is chosen, the others can be chosen next.
    let key = Memo::new(move |_| {
        let of = here.get()?;
        let by = Some("region".to_owned());
        Some(CostUrl { period: of.period, account: of.account, by, ..CostUrl::default() })
    });
    let loader: Loader<Page<CostGroupView>> = Loader::keyed(key, |url: CostUrl| async move {
        api::groups(&CostGroupsQuery { limit: Some(MAX_LIMIT), ..url.groups(None) }).await
    });
    let regions = Memo::new(move |_| {
        let billed = loader.data.with(|page| page.as_ref().map(|page| billed(&page.items)).unwrap_or_default());
        offered(billed, url.with(|u| u.region.clone()))
    });
    let choose = move |event| {
        let region = event_target_value(&event).parse().ok();
        on_change.run(CostUrl { region, ..url.get_untracked() });
    };
    move || {
        let all = regions.get();
        (all.len() > 1 || url.with(|u| u.region.is_some())).then(|| {
            let options = all
                .into_iter()
                .map(|region| {
                    let name = region.to_string();
                    let chosen = move || url.with(|u| u.region.as_ref() == Some(&region));
                    view! { <option value=name.clone() prop:selected=chosen>{name.clone()}</option> }
                })
                .collect_view();
            view! {
                <select class="input select kind" aria-label="Region" data-testid="costs-region" on:change=choose>
                    <option value="" prop:selected=move || url.with(|u| u.region.is_none())>"All regions"</option>
                    {options}
                </select>
            }
        })
    }
}

/// The regions of groups. What AWS bills in none is no choice.
fn billed(groups: &[CostGroupView]) -> Vec<Region> {
    groups.iter().filter_map(|group| group.key.parse().ok()).collect()
}

/// In their order, with the one that is chosen.
fn offered(mut regions: Vec<Region>, chosen: Option<Region>) -> Vec<Region> {
    regions.extend(chosen);
    regions.sort();
    regions.dedup();
    regions
}

#[cfg(test)]
mod tests {
    use contract::costs::MoneyView;

    use super::*;

    #[test]
    fn regions_are_offered_once_and_what_has_none_is_not() {
        let group = |key: &str| CostGroupView {
            key: key.to_owned(),
            amount: MoneyView { amount: "1".to_owned(), currency: "USD".to_owned() },
            estimated: false,
        };
        // A region has a group for each currency.
        let groups = [group("us-east-1"), group(""), group("NoRegion"), group("eu-central-1"), group("us-east-1")];
        let region = |code: &str| code.parse::<Region>().unwrap();
        let offered = offered(billed(&groups), Some(region("ap-south-1")));
        assert_eq!(offered, [region("ap-south-1"), region("eu-central-1"), region("us-east-1")]);
    }
}
