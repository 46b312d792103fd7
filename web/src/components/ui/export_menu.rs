//! What a list offers to take along: its rows as a file, in a choice of formats.

use leptos::prelude::*;

/// The formats that are offered: as the address names them, as people do.
const FORMATS: [(&str, &str); 3] = [("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON")];

/// The menu. It opens and closes without script, as every disclosure does.
#[component]
pub fn ExportMenu(
    /// The address of the file, to which the format is added (`api::exports::href`).
    #[prop(into)]
    href: Signal<String>,
    /// What the menu is called.
    #[prop(default = "Export")]
    label: &'static str,
) -> impl IntoView {
    let menu = NodeRef::<leptos::html::Details>::new();
    let close = move |_| {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let links = FORMATS
        .iter()
        .map(|&(format, words)| {
            let href = move || href.get() + format;
            view! {
                <a class="export-link" href=href rel="external" download="" data-testid=format!("export-{format}") on:click=close>
                    {words}
                </a>
            }
        })
        .collect_view();
    view! {
        <details class="export" node_ref=menu>
            <summary class="btn btn-secondary" data-testid="export">{label}</summary>
            <div class="export-links">{links}</div>
        </details>
    }
}
