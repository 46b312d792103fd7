//! Making, changing and deleting the objects of a list: the button for a new one, the buttons of a row, the drawer with the
//! form and the question before one goes. The form and the list are the page's own. To edit another kind of object: its
//! [`Editable`].

#[cfg(test)]
mod in_browser;

use domain::access::Permission;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;

use super::button::{Button, ButtonKind, ButtonSize};
use super::confirm::Confirm;
use super::dialog::{Dialog, Placement};
use super::icon::Icon;
use crate::api::ApiError;
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;
use crate::state::url_drawer::UrlDrawer;

/// An object that people make, change and delete.
pub trait Editable: Clone + Send + Sync + 'static {
    /// What it is, in a word.
    const WHAT: &'static str;
    /// What comes of deleting one, in a sentence or two.
    const DELETED: &'static str;
    /// What one must be allowed to do.
    const NEEDS: Permission;

    /// What people call it.
    fn name(&self) -> String;

    /// Deletes it.
    fn delete(&self) -> LocalBoxFuture<'static, Result<(), ApiError>>;
}

/// Which object is being changed or deleted.
pub struct Editing<T: Editable> {
    /// Whether the drawer is open.
    pub open: RwSignal<bool>,
    deleting: RwSignal<bool>,
    object: RwSignal<Option<T>>,
}

impl<T: Editable> Clone for Editing<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Editable> Copy for Editing<T> {}

impl<T: Editable> Editing<T> {
    /// None.
    pub fn new() -> Self {
        Self { open: RwSignal::new(false), deleting: RwSignal::new(false), object: RwSignal::new(None) }
    }

    /// The object in the drawer; `None` for a new one.
    pub fn object(self) -> Option<T> {
        self.object.get_untracked()
    }

    /// Begins a new one where the address asks for it, such as `team=new` under `/admin/teams`.
    pub fn begun_by(self, path: &'static str, name: &'static str) {
        UrlDrawer::begins(path, name, T::NEEDS, self.open, move || self.edit(None));
    }

    fn edit(self, object: Option<T>) {
        self.object.set(object);
        self.open.set(true);
    }

    fn ask(self, object: T) {
        self.object.set(Some(object));
        self.deleting.set(true);
    }

    fn title(self, verb: &str, new: &str, end: &str) -> String {
        self.object.with(|object| match object {
            Some(object) => format!("{verb} {}{end}", object.name()),
            None => format!("{new} {}", T::WHAT),
        })
    }
}

/// The button that makes one.
#[component]
pub fn NewObject<T: Editable>(editing: Editing<T>) -> impl IntoView {
    let session = use_session();
    let reason =
        Signal::derive(move || (!session.may(T::NEEDS)).then(|| format!("Your role may not make a {}", T::WHAT)));
    view! {
        <Button kind=ButtonKind::Primary icon=Icon::Plus testid="object-add" reason on_click=move |()| editing.edit(None)>
            {format!("New {}", T::WHAT)}
        </Button>
    }
}

/// The buttons of one that is there; nothing for those who may not.
#[component]
pub fn ObjectButtons<T: Editable>(
    /// Which one is being changed or deleted.
    editing: Editing<T>,
    /// The object, as it is when a button is clicked.
    object: Signal<T>,
) -> impl IntoView {
    let session = use_session();
    untrack(|| session.may(T::NEEDS)).then(|| {
        view! {
            <span class="row-actions">
                <Button size=ButtonSize::Small testid="object-edit" on_click=move |()| editing.edit(Some(object.get_untracked()))>"Change"</Button>
                <Button size=ButtonSize::Small testid="object-delete" on_click=move |()| editing.ask(object.get_untracked())>"Delete"</Button>
            </span>
        }
    })
}

/// The drawer with the form (`children`), and the question.
#[component]
pub fn Editor<T: Editable>(
    editing: Editing<T>,
    /// Told when one is gone.
    #[prop(into)]
    on_deleted: Callback<()>,
    /// The form of [`Editing::object`].
    children: ChildrenFn,
) -> impl IntoView {
    let toasts = use_toasts();
    let submit = Submit::new();
    let delete = move |()| {
        let Some(object) = editing.object() else { return };
        submit.run(object.delete(), move |()| {
            editing.deleting.set(false);
            toasts.done(format!("{} is deleted", object.name()));
            on_deleted.try_run(());
        });
    };
    let children = StoredValue::new(children);
    view! {
        <Dialog
            open=editing.open placement=Placement::Right testid="object-dialog"
            title=Signal::derive(move || editing.title("Change", "New", ""))
        >
            // An address may begin a new one while another is being changed: that one's form goes.
            {move || {
                editing.object.track();
                children.with_value(|children| children())
            }}
        </Dialog>
        <Confirm
            open=editing.deleting submit action="Delete" on_confirm=delete text=T::DELETED.to_owned()
            title=Signal::derive(move || editing.title("Delete", "Delete", "?"))
        />
    }
}
