//! The two fields of a new password, with a hint at how hard it is to guess. What is refused as too common, the server says.

use contract::session::{PASSWORD_MAX, PASSWORD_MIN};
use leptos::prelude::*;

use super::field::{FieldState, TextField};

/// A new password, typed twice.
#[derive(Debug, Clone, Copy)]
pub struct NewPassword {
    /// The password.
    pub password: FieldState,
    /// The same again.
    pub again: FieldState,
}

impl NewPassword {
    /// Nothing typed yet.
    pub fn new() -> Self {
        Self { password: FieldState::new(""), again: FieldState::new("") }
    }

    fn rule(self) -> Option<String> {
        let length = self.password.value.with(|p| p.chars().count());
        match length {
            0..PASSWORD_MIN => Some(format!("At least {PASSWORD_MIN} characters.")),
            PASSWORD_MIN..=PASSWORD_MAX => None,
            _ => Some(format!("At most {PASSWORD_MAX} characters.")),
        }
    }

    fn differs(self) -> Option<String> {
        (self.password.value.get() != self.again.value.get()).then(|| "The two passwords differ.".to_owned())
    }

    /// Shows what is wrong, and gives the password if nothing is.
    pub fn take(self) -> Option<String> {
        self.password.touched.set(true);
        self.again.touched.set(true);
        let wrong = untrack(|| self.rule().or_else(|| self.differs()));
        wrong.is_none().then(|| self.password.value.get_untracked())
    }
}

/// The fields.
#[component]
pub fn NewPasswordFields(state: NewPassword) -> impl IntoView {
    view! {
        <TextField
            id="password" label="New password" state=state.password rule=Signal::derive(move || state.rule())
            kind="password" autocomplete="new-password" testid="new-password"
            hint="8 to 128 characters. A few unrelated words are easy to remember and hard to guess.".to_owned()
        />
        <Strength password=state.password.value/>
        <TextField
            id="password2" label="The same again" state=state.again rule=Signal::derive(move || state.differs())
            kind="password" autocomplete="new-password" testid="new-password2"
        />
    }
}

/// How hard a password is to guess, 0 to 4, and in words. A hint, not a rule: length counts most, then variety.
fn strength(password: &str) -> (u8, &'static str) {
    let length = password.chars().count();
    if length == 0 {
        return (0, "");
    }
    let mut distinct: Vec<char> = password.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let kinds = [
        password.chars().any(char::is_lowercase),
        password.chars().any(char::is_uppercase),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_alphanumeric()),
    ];
    let variety = kinds.into_iter().filter(|k| *k).count();
    let points = distinct.len().min(length) + 2 * variety;
    match points {
        _ if length < PASSWORD_MIN => (1, "Too short"),
        0..10 => (1, "Easy to guess"),
        10..14 => (2, "Fair"),
        14..19 => (3, "Good"),
        _ => (4, "Strong"),
    }
}

/// How hard what is typed is to guess.
#[component]
pub fn Strength(password: RwSignal<String>) -> impl IntoView {
    let look = Memo::new(move |_| password.with(|p| strength(p)));
    view! {
        <div class="strength" data-level=move || look.get().0.to_string() aria-live="polite">
            <span class="strength-bar" aria-hidden="true"></span>
            <span class="strength-bar" aria-hidden="true"></span>
            <span class="strength-bar" aria-hidden="true"></span>
            <span class="strength-bar" aria-hidden="true"></span>
            <span class="strength-word">{move || look.get().1}</span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::strength;

    #[test]
    fn longer_and_more_varied_is_stronger() {
        let of = |p| strength(p).0;
        assert_eq!(of(""), 0);
        assert_eq!(of("abc"), 1);
        assert_eq!(of("aaaaaaaaaaaa"), 1);
        assert!(of("abcdefgh") < of("abcdefgh-IJ7"));
        assert_eq!(of("correct Horse battery 9"), 4);
    }
}
