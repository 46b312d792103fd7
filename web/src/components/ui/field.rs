//! Form fields: label, hint, error, and how a field says what is wrong only once the reader has left it, or the server has
//! answered. What was typed stays whatever happens.

use leptos::prelude::*;

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub struct FieldState {
    /// What is typed.
    pub value: RwSignal<String>,
    /// Whether the reader has been here.
    pub touched: RwSignal<bool>,
    /// What the server said about it; goes when something else is typed.
    pub refused: RwSignal<Option<String>>,
}

impl FieldState {
    /// A field with this in it.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: RwSignal::new(value.into()), touched: RwSignal::new(false), refused: RwSignal::new(None) }
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

    /// The rule of a field that can't be left empty.
    pub fn required(self) -> Signal<Option<String>> {
        Signal::derive(move || self.value.with(|v| v.trim().is_empty()).then(|| "Fill this in.".to_owned()))
    }

    /// What is typed, if something is; otherwise says that something is needed.
    pub fn take(self) -> Option<String> {
        self.touched.set(true);
        Some(untrack(|| self.trimmed())).filter(|text| !text.is_empty())
    }

    /// The error to show: the server's, or the rule's once the reader has been here.
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
                on:input=move |event| {
                    state.refused.set(None);
                    state.value.set(event_target_value(&event));
                }
                on:change=move |_| state.touched.set(true)
                on:blur=move |_| {
                    // A field that goes while it has the focus, as its form is sent by Enter, loses it when its state is gone.
                    if state.value.try_with_untracked(|value| !value.is_empty()).unwrap_or_default() {
                        state.touched.set(true);
                    }
                }
            />
        </FormField>
    }
}
