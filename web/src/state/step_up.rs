//! The question "is it still you?": whatever the server refuses until there is a fresh proof waits here while the dialog asks
//! (`components::layout::step_up`), and is sent again by the client. Not the dialog itself.

use contract::profile::ProfileView;
use futures::channel::oneshot;
use leptos::prelude::*;

use crate::api::client;

/// A way to prove who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One's password.
    Password,
    /// A code of one's app, or a recovery code.
    App,
    /// A code by mail.
    Mail,
    /// Signing in again at the OpenID provider.
    Elsewhere,
}

impl Way {
    /// For browser tests.
    pub fn key(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::App => "app",
            Self::Mail => "mail",
            Self::Elsewhere => "sso",
        }
    }

    /// The words that lead to it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Password => "Use the password instead",
            Self::App => "Use a code of your app instead",
            Self::Mail => "Use a code by mail instead",
            Self::Elsewhere => "Use single sign-on instead",
        }
    }
}

/// How that person can prove who they are, the usual way first; `mail` says whether mail is sent here.
pub fn ways(profile: &ProfileView, mail: bool) -> Vec<Way> {
    let mailed = mail && profile.has_password && !profile.second_factor;
    [
        (profile.has_password, Way::Password),
        (profile.second_factor, Way::App),
        (profile.single_sign_on.is_some(), Way::Elsewhere),
        (mailed, Way::Mail),
    ]
    .into_iter()
    .filter_map(|(possible, way)| possible.then_some(way))
    .collect()
}

/// The question.
#[derive(Debug, Clone, Copy)]
pub struct StepUp {
    /// Whether it is being asked.
    pub open: RwSignal<bool>,
    waiting: StoredValue<Vec<oneshot::Sender<bool>>, LocalStorage>,
}

impl StepUp {
    /// Answers the client's requests for a proof from now on.
    pub fn start() -> Self {
        let step_up = Self { open: RwSignal::new(false), waiting: StoredValue::new_local(Vec::new()) };
        client::on_step_up(move || {
            let (tell, told) = oneshot::channel();
            step_up.waiting.update_value(|waiting| waiting.push(tell));
            step_up.open.set(true);
            Box::pin(async move { told.await.unwrap_or(false) })
        });
        // Closing the dialog in whatever way is an answer, too.
        Effect::new(move |_| {
            if !step_up.open.get() {
                step_up.answer(false);
            }
        });
        step_up
    }

    /// Tells all who wait.
    pub fn answer(self, proved: bool) {
        let mut waiting = Vec::new();
        self.waiting.update_value(|w| std::mem::swap(w, &mut waiting));
        for tell in waiting {
            // Who no longer waits needs no answer.
            let _ = tell.send(proved);
        }
        if self.open.get_untracked() {
            self.open.set(false);
        }
    }
}

/// The question from the context.
pub fn use_step_up() -> StepUp {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_for_what_they_have_not() {
        let profile = |has_password, second_factor, joined: bool| -> ProfileView {
            let at = "2026-11-21T00:00:00Z";
            let joined = joined.then(|| serde_json::json!({ "issuer": "i", "since": at, "last_sign_in_at": at }));
            serde_json::from_value(serde_json::json!({
                "user_id": "0190b6a0-0000-7000-8000-000000000000", "email": "ana@example.com", "display_name": "Ana",
                "has_password": has_password, "second_factor": second_factor, "recovery_codes_left": 0,
                "single_sign_on": joined, "created_at": at, "last_sign_in_at": null,
            }))
            .unwrap()
        };
        assert_eq!(ways(&profile(true, false, false), false), [Way::Password]);
        assert_eq!(ways(&profile(true, false, false), true), [Way::Password, Way::Mail]);
        assert_eq!(ways(&profile(true, true, true), true), [Way::Password, Way::App, Way::Elsewhere]);
        assert_eq!(ways(&profile(false, false, true), true), [Way::Elsewhere]);
        assert_eq!(ways(&profile(false, false, false), true), []);
    }
}
