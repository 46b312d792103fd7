//! Single sign-on while one is signed in: on the way to the provider and back, what the codes mean that it comes back with.
//! Not the sign-in itself: that is `pages::sign_in`.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::toasts::use_toasts;
use crate::components::ui::Tone;
use crate::format::{query_pairs, query_value};

/// The parameter of an address in which the way back ends when it failed.
pub const FAILED: &str = "sso_error";
/// Remembers in this tab that somebody went to prove who they are.
const PROVING: &str = "wheelhouse.proving";

/// What a code means.
pub fn words(code: &str) -> &'static str {
    match code {
        "sso_off" => "Single sign-on is not set up here. Sign in with your password.",
        "sso_not_begun" => "That was not begun in this browser, or took too long. Begin again.",
        "sso_declined" => "The sign-in service said no, or you changed your mind.",
        "sso_no_email" => "The sign-in service vouches for no e-mail address of yours. Ask an administrator.",
        "sso_email_taken" => "There is a user with your e-mail address already. Sign in as usual.",
        "sso_no_role" => "None of your groups may use this. Ask an administrator.",
        "sso_disabled" => "Your user is disabled. Ask an administrator.",
        "sso_belongs_to_another" => "That person of the sign-in service belongs to another user here.",
        "sso_other_person" => "Somebody else signed in there. Try again as yourself.",
        "sso_not_again" => "The sign-in service did not ask you again. Sign out there, then try once more.",
        _ => "The sign-in service does not answer as it should. Try again, or sign in with your password.",
    }
}

/// The address with the failure, for a page that is gone to.
pub fn failed_path(path: &str, code: &str) -> String {
    format!("{path}?{FAILED}={}", query_value(code))
}

/// The query without the failure, and the failure's code.
fn taken(search: &str) -> Option<(String, String)> {
    let pairs = query_pairs(search);
    let code = pairs.iter().find(|(name, _)| name == FAILED).map(|(_, code)| code.clone())?;
    let kept = pairs.iter().filter(|(name, _)| name != FAILED);
    let kept: Vec<_> = kept.map(|(name, value)| format!("{}={}", query_value(name), query_value(value))).collect();
    Some((kept.join("&"), code))
}

fn tab() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// Sends the browser to the provider, to prove who is there. A tab that remembers nothing says nothing afterwards.
pub fn go_proving(url: &str) {
    if let Some(tab) = tab() {
        let _ = tab.set_item(PROVING, "1");
    }
    go(url);
}

/// Sends the browser to an address elsewhere.
pub fn go(url: &str) {
    // It fails only for what is no address; then the reader stays where they are.
    let _ = window().location().set_href(url);
}

/// Says how it went when the browser comes back, and takes that out of the address, which is the page's own.
pub fn tell_return() {
    let toasts = use_toasts();
    let proving = tab().filter(|tab| tab.get_item(PROVING).ok().flatten().is_some());
    if let Some(tab) = &proving {
        let _ = tab.remove_item(PROVING);
    }
    let location = use_location();
    match taken(&location.search.get_untracked()) {
        Some((search, code)) => {
            toasts.show(Tone::Danger, words(&code), None);
            let path = location.pathname.get_untracked();
            let path = if search.is_empty() { path } else { format!("{path}?{search}") };
            use_navigate()(&path, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
        None if proving.is_some() => toasts.done("It is you. Now do again what you were about to do"),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failure_is_taken_out_of_the_address() {
        assert_eq!(taken("q=a+b&sso_error=sso_declined"), Some(("q=a+b".into(), "sso_declined".into())));
        assert_eq!(taken(failed_path("", "x").as_str()), Some((String::new(), "x".into())));
        assert_eq!(taken("?q=a"), None);
    }
}
