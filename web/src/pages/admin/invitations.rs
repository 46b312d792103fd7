//! Invitations: who was invited to what, and inviting somebody.

use contract::invitations::{CreateInvitationRequest, INVITATION_STATES, InvitationQuery, InvitationView, InvitedView};
use contract::paths;
use contract::users::GrantBody;
use domain::access::Permission;
use leptos::prelude::*;

use super::grants::{Grants, GrantsEditor, grant_words};
use crate::api::{exports, invitations as api};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::confirm::Confirm;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::filter_bar::SearchBox;
use crate::components::ui::list::ListTable;
use crate::components::ui::once::ShownOnce;
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, ButtonKind, ButtonSize, Icon, Tone};
use crate::format::sentence;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;
use crate::state::url_drawer::{New, UrlDrawer};
use crate::state::url_list::{UrlList, list_query};

list_query!(InvitationQuery, drawer "invitation": New);

/// The invitations.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let list = UrlList::<InvitationQuery>::at("/admin/invitations");
    let page = Loader::keyed(list.here, |query| async move { api::list(&query).await });
    read_again_on(&["invitation"], move || page.refresh());
    let (inviting, ending, showing) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let begin = move || inviting.set(true);
    UrlDrawer::begins("/admin/invitations", "invitation", Permission::UserWrite, inviting, begin);
    let wanted = RwSignal::new(None::<InvitationView>);
    let link = RwSignal::new(None::<String>);
    let (end, again) = (Submit::new(), Submit::new());
    Effect::new(move |_| {
        if let Some(error) = again.failure.get() {
            toasts.failed("No new link could be made", &error);
        }
    });
    let invited = Callback::new(move |answer: InvitedView| {
        page.reload();
        match answer.link {
            Some(new) => {
                link.set(Some(new));
                showing.set(true);
            }
            None => toasts.done(format!("{} is invited by mail", answer.invitation.email)),
        }
    });
    let resend = Callback::new(move |invitation: InvitationView| {
        again.run(api::resend(invitation.id), move |answer| {
            invited.try_run(answer);
        });
    });
    let revoke = Callback::new(move |invitation: InvitationView| {
        wanted.set(Some(invitation));
        ending.set(true);
    });
    let confirmed = move |()| {
        let Some(invitation) = wanted.get_untracked() else { return };
        end.run(api::revoke(invitation.id), move |()| {
            ending.set(false);
            toasts.done("The invitation is withdrawn");
            page.reload();
        });
    };
    let may = move || session.may(Permission::UserWrite);
    let refused = Signal::derive(move || (!may()).then(|| "Your role may not invite".to_owned()));
    let states = move || {
        let chosen = list.query.with(|q| q.state.clone().unwrap_or_default());
        let all = std::iter::once("").chain(INVITATION_STATES.iter().copied());
        all.map(|state| {
            let words = if state.is_empty() { "Every state".to_owned() } else { sentence(state) };
            view! { <option value=state prop:selected=state == chosen>{words}</option> }
        })
        .collect_view()
    };
    view! {
        <div class="tools">
            <SearchBox
                label="Find an address" testid="invitation-search"
                value=Signal::derive(move || list.query.with(|q| q.q.clone().unwrap_or_default()))
                on_search=move |words: String| list.change(|q| q.q = Some(words).filter(|w| !w.is_empty()))
            />
            <select class="input select filter-field" aria-label="State" data-testid="invitation-state"
                on:change=move |event| {
                    let state = Some(event_target_value(&event)).filter(|s| !s.is_empty());
                    list.change(|q| q.state = state);
                }>
                {states}
            </select>
            <ExportMenu href=Signal::derive(move || list.query.with(|q| exports::href(paths::EXPORT_INVITATIONS, q)))/>
            <Button kind=ButtonKind::Primary icon=Icon::Plus testid="invite" reason=refused on_click=move |()| inviting.set(true)>
                "Invite"
            </Button>
        </div>
        <ListTable
            page list key=|one| one.id.to_string() caption="Invitations" columns=vec!["Who", "Roles", "State", "Invited", ""]
            empty=(Icon::People, "No invitations", "Invite somebody: they get a link with which they choose a password of their own.")
            row=Callback::new(move |invitation: InvitationView| row(invitation, untrack(may), resend, revoke))
        />
        <Dialog open=inviting title="Invite somebody".to_owned() placement=Placement::Right testid="invite-dialog">
            <InviteForm open=inviting on_done=invited/>
        </Dialog>
        <Dialog open=showing title="The invitation's link".to_owned() testid="invite-made">
            <div class="dialog-body">
                {move || link.get().map(|text| view! {
                    <ShownOnce
                        words="No mail was sent, so give them this link yourself. It is shown this once." text
                        testid="invite-link"
                    />
                })}
            </div>
            <footer class="dialog-foot">
                <Button kind=ButtonKind::Primary testid="invite-kept" on_click=move |()| showing.set(false)>"Done"</Button>
            </footer>
        </Dialog>
        <Confirm
            open=ending submit=end action="Withdraw" on_confirm=confirmed title="Withdraw the invitation?".to_owned()
            text=Signal::derive(move || format!("The link for {} opens nothing any more.", wanted.with(|w| w.as_ref().map(|i| i.email.clone()).unwrap_or_default())))
        />
    }
}

fn look(state: &str) -> (Tone, Glyph) {
    match state {
        "open" => (Tone::Info, Glyph::Ring),
        "accepted" => (Tone::Success, Glyph::Tick),
        "revoked" => (Tone::Neutral, Glyph::Cross),
        _ => (Tone::Neutral, Glyph::Dash),
    }
}

fn row(
    invitation: InvitationView,
    may: bool,
    resend: Callback<InvitationView>,
    revoke: Callback<InvitationView>,
) -> AnyView {
    let (tone, glyph) = look(&invitation.state);
    let grants = invitation.grants.iter().map(grant_words).collect::<Vec<_>>();
    let by = invitation.invited_by_email.clone();
    let email = invitation.email.clone();
    let open = invitation.state == "open";
    let (to_send, to_end) = (invitation.clone(), invitation.clone());
    view! {
        <tr class="row" data-testid="invitation-row" data-email=email.clone()>
            <td class="cell-main"><span class="cell-name">{email.clone()}</span></td>
            <td data-label="Roles">{grants.into_iter().map(|g| view! { <span class="cell-line">{g}</span> }).collect_view()}</td>
            <td data-label="State">
                <Badge tone glyph text=sentence(&invitation.state)/>
                {open.then(|| view! { <span class="cell-sub">"ends " <RelativeTime at=invitation.expires_at/></span> })}
            </td>
            <td data-label="Invited"><RelativeTime at=invitation.created_at/>{by.map(|by| view! { <span class="cell-sub">"by " {by}</span> })}</td>
            <td class="cell-actions">
                {(may && matches!(to_send.state.as_str(), "open" | "expired")).then(|| view! {
                    <div class="row-actions">
                        <Button size=ButtonSize::Small testid="invitation-resend" on_click=move |()| resend.run(to_send.clone())>"New link"</Button>
                        <Button size=ButtonSize::Small testid="invitation-revoke" on_click=move |()| revoke.run(to_end.clone())>"Withdraw"</Button>
                    </div>
                })}
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn InviteForm(open: RwSignal<bool>, on_done: Callback<InvitedView>) -> impl IntoView {
    let email = FieldState::new("");
    let grants = Grants::new(&[GrantBody {
        role: Some("viewer".to_owned()),
        reach: "everything".to_owned(),
        ..GrantBody::default()
    }]);
    let rule = rules::judged(email, rules::email);
    let tried = RwSignal::new(false);
    let given = move || match grants.bodies()? {
        none if none.is_empty() => Err("Give them at least one role.".to_owned()),
        grants => Ok(grants),
    };
    let wrong = move || if tried.get() { given().err() } else { None };
    let submit = Submit::new();
    submit.shows("email", email);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let (Some(email), Ok(grants)) = (rules::take(email, rule), untrack(given)) else { return };
        let request = CreateInvitationRequest { email, grants };
        submit.run(async move { api::create(&request).await }, move |answer| {
            submit.close(open);
            on_done.try_run(answer);
        });
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField
                    id="invite-email" label="E-mail address" state=email rule kind="email"
                    testid="invite-email" placeholder="ana@example.com"
                />
                <h3 class="field-label">"Roles"</h3>
                <GrantsEditor grants/>
                <p class="field-error" aria-live="polite">{wrong}</p>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="invite-send" busy=submit.busy>"Invite"</Button>
            </footer>
        </form>
    }
}
