//! The form of a report.

use contract::reports::{
    CreateReportRequest, NAME_MAX, PreviewReportRequest, RECIPIENTS_MAX, ReportPreviewView, ReportView, URL_MAX,
    ZONE_MAX,
};
use domain::reports::{ReportFormat, ReportFrequency, ReportSpan, ReportTemplate};
use leptos::prelude::*;

use super::filters::{Filters, Narrowed};
use super::preview::table;
use super::undo::changed;
use super::words::{WEEKDAYS, formats, frequency_words, options, span_words, template_words};
use crate::api::reports as api;
use crate::components::ui::choice::Choice;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::once::ShownOnce;
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind};
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

/// The form of a new report, or of one that is there.
#[component]
pub fn ReportForm(
    /// The one that is there.
    report: Option<ReportView>,
    /// Whether the drawer is open.
    open: RwSignal<bool>,
    /// Told when it was saved.
    #[prop(into)]
    on_saved: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let before = StoredValue::new(report.clone());
    let known = report.as_ref().map(|r| (r.id, r.version));
    let narrowed = Narrowed::new(&report.as_ref().map(|r| r.filter.clone()).unwrap_or_default());
    let said =
        |text: fn(&ReportView) -> String, otherwise: &str| report.as_ref().map_or_else(|| otherwise.to_owned(), text);
    let name = FieldState::new(said(|r| r.name.clone(), ""));
    let zone = FieldState::new(said(|r| r.zone.clone(), "UTC"));
    let template = RwSignal::new(said(|r| r.template.to_string(), "inventory"));
    let span = RwSignal::new(said(|r| r.span.to_string(), "last-7-days"));
    let format = RwSignal::new(said(|r| r.format.to_string(), "xlsx"));
    let frequency = RwSignal::new(said(|r| r.frequency.to_string(), "weekly"));
    let hour = RwSignal::new(said(|r| r.hour.to_string(), "7"));
    let day = RwSignal::new(said(|r| r.day.to_string(), "1"));
    let keep = RwSignal::new(said(|r| r.keep_runs.to_string(), "12"));
    let enabled = RwSignal::new(report.as_ref().is_none_or(|r| r.enabled));
    let recipients = FieldState::new(report.as_ref().map(|r| r.recipients.join(", ")).unwrap_or_default());
    let webhook = FieldState::new(report.as_ref().and_then(|r| r.webhook_url.clone()).unwrap_or_default());
    let secret = RwSignal::new(None::<String>);

    let submit = Submit::new();
    let end = move |()| {
        submit.close(open);
        on_saved.try_run(());
    };
    let fields = [("name", name), ("zone", zone), ("recipients", recipients), ("webhook_url", webhook)];
    for (wire, state) in fields.into_iter().chain(narrowed.fields()) {
        submit.shows(wire, state);
    }
    let (named, timed) = (rules::text(name, 1..=NAME_MAX), rules::text(zone, 1..=ZONE_MAX));
    let told_to = rules::judged(recipients, |typed| rules::each(typed, RECIPIENTS_MAX, rules::email));
    let hooked = rules::judged(webhook, webhook_wrong);
    let about = Memo::new(move |_| template.with(|t| t.parse().unwrap_or(ReportTemplate::Inventory)));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let read = (rules::take(name, named), rules::take(zone, timed), narrowed.take(about.get_untracked()));
        let sent = (rules::take(recipients, told_to), rules::take(webhook, hooked));
        let ((Some(name), Some(zone), Some(filter)), (Some(recipients), Some(webhook))) = (read, sent) else { return };
        let number = |text: RwSignal<String>| text.get_untracked().parse().unwrap_or(1);
        let request = CreateReportRequest {
            name,
            template: about.get_untracked(),
            filter,
            span: span.get_untracked().parse().unwrap_or(ReportSpan::Last7Days),
            format: format.get_untracked().parse().unwrap_or(ReportFormat::Xlsx),
            frequency: frequency.get_untracked().parse().unwrap_or(ReportFrequency::Weekly),
            zone,
            hour: number(hour),
            day: number(day),
            keep_runs: number(keep),
            enabled: enabled.get_untracked(),
            recipients: rules::listed(&recipients),
            webhook_url: Some(webhook).filter(|url| !url.is_empty()),
        };
        let call = async move {
            match known {
                Some((id, version)) => api::update(id, &request, version).await,
                None => api::create(&request).await,
            }
        };
        let before = before.get_value();
        submit.run(call, move |saved| match saved.webhook_secret {
            // It is not told again: the drawer stays until somebody has taken it.
            Some(told) => secret.set(Some(told)),
            None => {
                if let Some(before) = before {
                    changed(toasts, before, &saved, on_saved);
                }
                end(());
            }
        });
    };
    let (looking, rows) = (RwSignal::new(false), RwSignal::new(None::<ReportPreviewView>));
    let look = move |()| {
        let read = (rules::take(zone, timed), narrowed.take(about.get_untracked()));
        let (Some(zone), Some(filter)) = read else { return };
        let span = span.get_untracked().parse().unwrap_or(ReportSpan::Last7Days);
        let request = PreviewReportRequest { template: about.get_untracked(), filter, span, zone };
        submit.run(async move { api::preview_draft(&request).await }, move |preview| {
            rows.set(Some(preview));
            looking.set(true);
        });
    };
    let is = move |one: ReportFrequency| frequency.with(|f| f == one.as_str());
    let weekdays = (1..).zip(WEEKDAYS).map(|(n, word): (u32, _)| (n.to_string(), word.to_owned())).collect::<Vec<_>>();
    let numbers = |from: u32, to: u32| (from..=to).map(|n| (n.to_string(), n.to_string())).collect::<Vec<_>>();
    let hours = (0..24_u32).map(|n| (n.to_string(), format!("{n}:00"))).collect::<Vec<_>>();
    let days = Signal::derive(move || if is(ReportFrequency::Weekly) { weekdays.clone() } else { numbers(1, 28) });
    let keeps = [1_u32, 3, 12, 30, 100].map(|n| (n.to_string(), n.to_string())).to_vec();
    let told = move || {
        secret.get().map(|text| {
            view! {
                <div class="dialog-body">
                    <ShownOnce words="The webhook's secret: whoever receives checks the signature with it. It is not shown again." text testid="report-secret"/>
                </div>
                <footer class="dialog-foot">
                    <Button kind=ButtonKind::Primary testid="report-secret-done" on_click=end>"Done"</Button>
                </footer>
            }
        })
    };
    view! {
        {told}
        <form class="form drawer-form" novalidate hidden=move || secret.with(Option::is_some) on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField id="report-name" label="Name" state=name rule=named testid="report-name" placeholder="Costs of last month"/>
                <Choice id="report-template" label="About" options=Signal::stored(options(ReportTemplate::ALL, template_words)) value=template testid="report-template"/>
                <Show when=move || template.with(|t| t != "inventory")>
                    <Choice id="report-span" label="Days" options=Signal::stored(options(ReportSpan::ALL, span_words)) value=span/>
                </Show>
                <Filters narrowed template=about/>
                <Choice id="report-format" label="Format" options=Signal::stored(formats()) value=format testid="report-format"/>
                <Choice id="report-frequency" label="Made" options=Signal::stored(options(ReportFrequency::ALL, frequency_words)) value=frequency testid="report-frequency"/>
                <Show when=move || is(ReportFrequency::Weekly) || is(ReportFrequency::Monthly)>
                    <Choice id="report-day" label="Day" options=days value=day/>
                </Show>
                <Show when=move || !is(ReportFrequency::Never)>
                    <Choice id="report-hour" label="Hour" options=Signal::stored(hours.clone()) value=hour/>
                    <label class="option">
                        <input type="checkbox" prop:checked=move || enabled.get() on:change=move |_| enabled.update(|on| *on = !*on)/>
                        <span>"Made by itself; off is a pause"</span>
                    </label>
                </Show>
                <TextField
                    id="report-zone" label="Time zone" state=zone rule=timed testid="report-zone"
                    hint="Whose days and hours are meant, such as Europe/Berlin.".to_owned()
                />
                <TextField
                    id="report-recipients" label="Sent to" state=recipients rule=told_to testid="report-recipients"
                    placeholder="grace@example.com, ada@example.com"
                    hint="People who sign in here, by e-mail address. Each gets a link to every file; it is good for three days.".to_owned()
                />
                <TextField
                    id="report-webhook" label="Webhook" state=webhook rule=hooked kind="url" testid="report-webhook"
                    placeholder="https://hooks.example.com/reports"
                    hint="A signed request with a link goes there for every file.".to_owned()
                />
                <Choice id="report-keep" label="Files that are kept" options=Signal::stored(keeps) value=keep/>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button testid="report-look" busy=submit.busy on_click=look>"Preview"</Button>
                <Button kind=ButtonKind::Primary testid="report-save" busy=submit.busy>"Save report"</Button>
            </footer>
        </form>
        <Dialog open=looking testid="report-look-dialog" title=Signal::stored("As it would be now".to_owned())>
            {move || rows.get().map(|preview| view! { <div class="dialog-body">{table(preview)}</div> })}
        </Dialog>
    }
}

/// What is wrong with the webhook's address; there may be none.
fn webhook_wrong(typed: &str) -> Option<String> {
    let http = typed.is_empty() || typed.starts_with("https://") || typed.starts_with("http://");
    if !http {
        return Some("Write a URL that begins with https://.".to_owned());
    }
    rules::length(typed, &(0..=URL_MAX))
}
