//! The settings of this installation: what each is, what it means, where it was set. Read only: they belong to the process, which takes
//! a change when it reads its settings again or is started again. What is looked for is in the address.

use contract::paths;
use contract::settings::{SettingQuery, SettingView, SettingsView};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use crate::api::{exports, settings as api};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::filter_bar::SearchBox;
use crate::components::ui::states::{EmptyState, Loaded};
use crate::components::ui::{Icon, Tone};
use crate::format::{counted, query_pairs, sentence};
use crate::state::loader::Loader;

const HERE: &str = "/admin/settings";

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Wanted {
    /// Words that the key or its meaning has.
    words: String,
    /// Only what was set somewhere.
    set: bool,
}

impl Wanted {
    fn parse(search: &str) -> Self {
        let mut wanted = Self::default();
        for (key, value) in query_pairs(search) {
            match key.as_str() {
                "q" => value.trim().clone_into(&mut wanted.words),
                "set" => wanted.set = value == "true",
                _ => {}
            }
        }
        wanted
    }

    fn query(&self) -> SettingQuery {
        SettingQuery { q: Some(self.words.clone()).filter(|words| !words.is_empty()), set: self.set.then_some(true) }
    }

    fn path(&self) -> String {
        let text = serde_urlencoded::to_string(self.query()).unwrap_or_default();
        if text.is_empty() { HERE.to_owned() } else { format!("{HERE}?{text}") }
    }
}

/// The card with the settings.
#[component]
pub fn SettingsPart() -> impl IntoView {
    let location = use_location();
    let (at, search) = (location.pathname, location.search);
    let wanted =
        Memo::new(
            move |before: Option<&Wanted>| {
                if at.get() == HERE { Wanted::parse(&search.get()) } else { before.cloned().unwrap_or_default() }
            },
        );
    let navigate = use_navigate();
    let go = StoredValue::new_local(move |wanted: Wanted| {
        navigate(&wanted.path(), NavigateOptions { replace: true, ..NavigateOptions::default() });
    });
    let change = move |wanted: Wanted| go.with_value(|go| go(wanted));
    let all = Loader::once(api::fetch);
    let file = Signal::derive(move || exports::href(paths::EXPORT_SETTINGS, &wanted.with(Wanted::query)));
    let show = Callback::new(move |view: SettingsView| view! { <Settings view wanted/> }.into_any());
    view! {
        <div class="tools">
            <SearchBox
                label="Find a setting" testid="settings-search"
                value=Signal::derive(move || wanted.with(|wanted| wanted.words.clone()))
                on_search=move |words: String| change(Wanted { words, ..wanted.get_untracked() })
            />
            <label class="filter-check">
                <input
                    type="checkbox" data-testid="settings-set" prop:checked=move || wanted.with(|wanted| wanted.set)
                    on:change=move |event| change(Wanted { set: event_target_checked(&event), ..wanted.get_untracked() })
                />
                "Only what was set here"
            </label>
            <ExportMenu href=file/>
        </div>
        <Loaded loader=all lines=12 show/>
    }
}

#[component]
fn Settings(view: SettingsView, wanted: Memo<Wanted>) -> impl IntoView {
    let settings = StoredValue::new(view.settings);
    move || {
        let query = wanted.with(Wanted::query);
        let found: Vec<_> = settings.with_value(|all| all.iter().filter(|one| query.fits(one)).cloned().collect());
        if found.is_empty() {
            let text = "No setting has these words. Try fewer of them.";
            return view! { <EmptyState icon=Icon::Search title="Nothing found" text/> }.into_any();
        }
        let count = counted(found.len() as u64, "setting", "settings");
        let rows = sections(found).into_iter().map(|(name, settings)| section(&name, settings)).collect_view();
        view! {
            <section class="card card-flush" aria-labelledby="settings-title" data-testid="settings">
                <header class="card-head">
                    <h2 id="settings-title">{count}</h2>
                    <span class="muted">"as they are in force; a change of one that is live takes effect on SIGHUP, of another at the next start"</span>
                </header>
                <table class="table table-plain table-cards">
                    <caption class="visually-hidden">"Settings by section"</caption>
                    <thead><tr>
                        <th scope="col">"Setting"</th><th scope="col">"Value"</th><th scope="col">"Set by"</th>
                    </tr></thead>
                    {rows}
                </table>
            </section>
        }
        .into_any()
    }
}

/// Settings by their section, in their order.
fn sections(settings: Vec<SettingView>) -> Vec<(String, Vec<SettingView>)> {
    let mut found: Vec<(String, Vec<SettingView>)> = Vec::new();
    for setting in settings {
        let name = setting.key.split('.').next().unwrap_or_default().to_owned();
        match found.last_mut() {
            Some((last, settings)) if *last == name => settings.push(setting),
            _ => found.push((name, vec![setting])),
        }
    }
    found
}

fn section(name: &str, settings: Vec<SettingView>) -> AnyView {
    let rows = settings.into_iter().map(row).collect_view();
    view! {
        <tbody>
            <tr class="table-group"><th scope="rowgroup" colspan="3">{sentence(name)}</th></tr>
            {rows}
        </tbody>
    }
    .into_any()
}

fn row(setting: SettingView) -> AnyView {
    let SettingView { key, about, value, layer, place, variable, live } = setting;
    let name = key.clone();
    let source = match layer.as_str() {
        "default" => view! { <span class="muted">"default"</span> }.into_any(),
        _ => view! { <Badge tone=Tone::Accent glyph=Glyph::Disc text=sentence(&layer.replace('-', " "))/> }.into_any(),
    };
    // The variable that would set it is worth saying where it is not said already.
    let hint = place.unwrap_or(variable);
    let value = value.map_or_else(
        || view! { <span class="muted">"not set"</span> }.into_any(),
        |value| view! { <code>{value}</code> }.into_any(),
    );
    view! {
        <tr class="row" data-testid="setting-row" data-name=name data-layer=layer>
            <td class="cell-main"><code class="cell-name">{key}</code>{live.then(|| view! { <Badge tone=Tone::Info glyph=Glyph::Disc text="Live"/> })}<span class="cell-sub">{about}</span></td>
            <td data-label="Value" class="setting-value">{value}</td>
            <td data-label="Set by">{source}<span class="cell-sub setting-place">{hint}</span></td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(key: &str) -> SettingView {
        SettingView {
            key: key.to_owned(),
            about: "How long an answer may take, seconds.".to_owned(),
            value: None,
            layer: "default".to_owned(),
            place: None,
            live: false,
            variable: format!("WHEELHOUSE_{}", key.replace('.', "__").to_uppercase()),
        }
    }

    #[test]
    fn what_is_looked_for_is_in_the_address() {
        for address in ["/admin/settings", "/admin/settings?q=answer+time&set=true", "/admin/settings?set=true"] {
            let search = address.split_once('?').map_or("", |(_, search)| search);
            assert_eq!(Wanted::parse(search).path(), address);
        }
        assert_eq!(Wanted::parse("?q=%20&set=maybe&other=1"), Wanted::default());
    }

    #[test]
    fn the_file_is_of_what_is_looked_for() {
        let file = |search: &str| exports::href(paths::EXPORT_SETTINGS, &Wanted::parse(search).query());
        assert_eq!(file("?q=answer+time&set=true"), "/api/v1/exports/settings?q=answer+time&set=true&format=");
        assert_eq!(file("?set=false"), "/api/v1/exports/settings?format=");
    }

    #[test]
    fn sections_keep_their_order() {
        let all = ["server.listen", "server.public_url", "ai.url"].map(setting);
        let names: Vec<_> = sections(all.into()).into_iter().map(|(name, of)| (name, of.len())).collect();
        assert_eq!(names, [("server".to_owned(), 2), ("ai".to_owned(), 1)]);
    }
}
