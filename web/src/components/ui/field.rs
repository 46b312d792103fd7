//! Form fields: label, hint, error, and when a field says what is wrong: as it is typed, but not of the first letters of somebody
//! who is still writing. It speaks once the reader has left it, once what was typed was right, or was pasted, and once the server has
//! answered. What was typed stays whatever happens. The rules themselves are in `rules`.

use leptos::prelude::*;

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub struct FieldState {
    /// What is typed.
    pub value: RwSignal<String>,
    /// Whether it is judged as it is typed.
    pub touched: RwSignal<bool>,
    /// What the server said about it; goes when something else is typed.
    pub refused: RwSignal<Option<String>>,
}

impl FieldState {
    /// A field with this in it. What is there already is whole, and is judged at once.
    pub fn new(value: impl Into<String>) -> Self {
        let value = value.into();
        let touched = RwSignal::new(!value.is_empty());
        Self { value: RwSignal::new(value), touched, refused: RwSignal::new(None) }
    }

    /// Empties it, as if nobody had been here.
    pub fn clear(self) {
        self.value.set(String::new());
        self.touched.set(false);
        self.refused.set(None);
    }

    /// What is typed, without the spaces around it.
    pub fn trimmed(self) -> String {
        self.value.with(|v| v.trim().to_owned())
    }

    /// Takes over what is typed. Once that was right, it is judged as it is typed; behind a comma, a point or a hyphen something is
    /// still to come.
    pub fn write(self, text: String, rule: Signal<Option<String>>) {
        let goes_on = text.trim_end().ends_with([',', '.', '-']);
        self.refused.set(None);
        self.value.set(text);
        if goes_on || rule.with_untracked(Option::is_none) {
            self.touched.set(!goes_on);
        }
    }

    /// The reader goes on; what nobody has written into is not judged.
    pub fn leave(self) {
        // A field that goes while it has the focus, as its form is sent by Enter, loses it when its state is gone.
        if self.value.try_with_untracked(|value| !value.is_empty()).unwrap_or_default() {
            self.touched.set(true);
        }
    }

    /// The error to show: the server's, or the rule's once it is judged.
    pub fn shown(self, rule: Option<String>) -> Option<String> {
        self.refused.get().or_else(|| if self.touched.get() { rule } else { None })
    }
}

/// A label with its field, its hint and its error. `children` is the control; it takes the ids from [`TextField`]'s pattern:
/// `<id>-hint` and `<id>-error`.
#[component]
pub fn FormField(
    /// The control's id.
    id: &'static str,
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// What to write, in words.
    #[prop(into, optional)]
    hint: Signal<Option<String>>,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The control.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:field-wrong=move || error.with(Option::is_some)>
            <label class="field-label" for=id>{move || label.get()}</label>
            {children()}
            {move || hint.get().map(|hint| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> })}
            <p class="field-error" id=format!("{id}-error") aria-live="polite">{move || error.get()}</p>
        </div>
    }
}

/// A field for one line of text.
#[component]
pub fn TextField(
    /// The control's id.
    id: &'static str,
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// What it holds.
    state: FieldState,
    /// What the rules say about what is typed.
    #[prop(into)]
    rule: Signal<Option<String>>,
    /// What to write, in words.
    #[prop(into, optional)]
    hint: Signal<Option<String>>,
    /// `text`, `email`, `password` or `url`.
    #[prop(default = "text")]
    kind: &'static str,
    /// As in HTML.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// An example.
    #[prop(optional)]
    placeholder: &'static str,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    let error = Memo::new(move |_| state.shown(rule.get()));
    let described =
        move || if hint.with(Option::is_some) { format!("{id}-hint {id}-error") } else { format!("{id}-error") };
    view! {
        <FormField id label hint error>
            <input
                class="input"
                id=id
                name=id
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                placeholder=placeholder
                data-testid=testid
                prop:value=move || state.value.get()
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
                on:input=move |event| state.write(event_target_value(&event), rule)
                on:paste=move |_| state.touched.set(true)
                on:blur=move |_| state.leave()
            />
        </FormField>
    }
}
