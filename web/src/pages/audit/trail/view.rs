//! The page of AWS's events.

use contract::trail::{TrailEventView, TrailQuery};
use domain::ids::TrailEventId;
use leptos::prelude::*;

use super::coverage::Coverage;
use super::drawer::{EventDrawer, outcome};
use super::facets::unpaged;
use super::filters::Filters;
use super::words::service;
use crate::api::trail as api;
use crate::components::ui::Icon;
use crate::components::ui::list::ListTable;
use crate::components::ui::states::PartNotice;
use crate::components::ui::time::RelativeTime;
use crate::pages::audit::note::newest_note;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::url_drawer::UrlDrawer;
use crate::state::url_list::{UrlList, list_query};

list_query!(TrailQuery, drawer "event": TrailEventId);

/// AWS's events.
#[component]
pub fn TrailPage() -> impl IntoView {
    let list = UrlList::<TrailQuery>::at("/audit");
    let page = Loader::keyed(list.here, |query| async move { api::list(&query).await });
    let counted = Memo::new(move |_| list.here.get().as_ref().map(unpaged));
    let facets = Loader::keyed(counted, |query| async move { api::facets(&query).await });
    let coverage = Loader::once(api::coverage);
    read_again_on(&["trail"], move || {
        page.refresh();
        facets.refresh();
        coverage.refresh();
    });
    let drawer = UrlDrawer::at::<TrailQuery>("/audit");
    let look = Callback::new(move |id: TrailEventId| drawer.show(id));
    let newest = move || facets.data.with(|f| f.as_ref().and_then(|f| newest_note(f.looked_at, f.whole, "events")));
    view! {
        <PartNotice loader=coverage what="How far events are known"/>
        {move || coverage.data.get().map(|known| view! { <Coverage known/> })}
        <Filters list facets=facets.data/>
        <PartNotice loader=facets what="What the menus offer"/>
        {newest}
        <ListTable
            page list key=|one| one.id.to_string() caption="Events in AWS, the newest first"
            columns=vec!["Call", "Who", "About", "Where", "Outcome", "When"]
            empty=(Icon::Log, "No such events", "Nothing that is known matches these filters. The bar above says how far back events are known.")
            row=Callback::new(move |event: TrailEventView| row(event, look))
        />
        <EventDrawer drawer list/>
    }
}

fn row(event: TrailEventView, look: Callback<TrailEventId>) -> AnyView {
    let (id, name) = (event.id, event.name.clone());
    let more = event.workspaces.len().saturating_sub(1);
    let about = event.workspaces.into_iter().next().map(|one| {
        let name = one.user_name.or(one.aws_id.clone()).unwrap_or_else(|| "–".to_owned());
        let below = if more > 0 { Some(format!("and {more} more")) } else { one.aws_id };
        view! { <a href=format!("/workspaces/{}", one.id)>{name}</a><span class="cell-sub">{below}</span> }
    });
    let place = (event.account.unwrap_or_default(), event.region.to_string());
    view! {
        <tr class="row" data-testid="trail-row" data-name=name>
            <td class="cell-main">
                <button class="cell-link link-btn" type="button" data-testid="trail-open" on:click=move |_| look.run(id)>
                    {event.name}
                </button>
                <span class="cell-sub">{service(&event.source).to_owned()}</span>
            </td>
            <td data-label="Who">{event.actor.unwrap_or_else(|| "–".to_owned())}{event.address.map(|a| view! { <span class="cell-sub">{a}</span> })}</td>
            <td data-label="About">{about}</td>
            <td data-label="Where">{place.0}<span class="cell-sub">{place.1}</span></td>
            <td data-label="Outcome">{outcome(event.error_code.is_some())}{event.error_code.map(|c| view! { <span class="cell-sub">{c}</span> })}</td>
            <td data-label="When"><RelativeTime at=event.at/></td>
        </tr>
    }
    .into_any()
}
