//! Which of the jobs pages an address is: one route for all of them, since each route costs the portal a few kilobytes.

use leptos::prelude::*;

use super::data_sets::DataSetsPage;
use super::schedules::SchedulesPage;
use super::view::JobListPage;
use crate::pages::job::JobDetailPage;
use crate::state::own_param::use_own_param;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Queue,
    Schedules,
    DataSets,
    Job,
}

fn part(name: Option<&str>) -> Part {
    match name {
        None => Part::Queue,
        Some("schedules") => Part::Schedules,
        Some("data-sets") => Part::DataSets,
        Some(_) => Part::Job,
    }
}

/// The jobs pages.
#[component]
pub fn JobsPages() -> impl IntoView {
    let named = use_own_param("/jobs", "part");
    let shown = Memo::new(move |_| part(named.get().as_deref()));
    move || match shown.get() {
        Part::Queue => view! { <JobListPage/> }.into_any(),
        Part::Schedules => view! { <SchedulesPage/> }.into_any(),
        Part::DataSets => view! { <DataSetsPage/> }.into_any(),
        Part::Job => view! { <JobDetailPage/> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_part_is_a_job() {
        assert_eq!(
            [None, Some("schedules"), Some("data-sets"), Some("0190")].map(part),
            [Part::Queue, Part::Schedules, Part::DataSets, Part::Job]
        );
    }
}
