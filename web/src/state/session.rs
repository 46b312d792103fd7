//! Who is signed in and what they may do. The server decides; what is here only spares the reader refusals.

use contract::session::SessionView;
use domain::access::{Permission, Role};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{ApiError, client, session as api, spans};
use crate::format;

/// What is known of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionState {
    /// The server was not heard yet.
    Unknown,
    /// Nobody is signed in.
    Anonymous,
    /// Somebody is.
    SignedIn(SessionView),
    /// The server could not say.
    Failed(ApiError),
}

/// The session.
#[derive(Debug, Clone, Copy)]
pub struct Session(RwSignal<SessionState>);

impl Session {
    /// Asks the server who is signed in, and listens for answers that say nobody is.
    pub fn load() -> Self {
        let session = Self(RwSignal::new(SessionState::Unknown));
        client::on_unauthenticated(move || {
            if session.0.with_untracked(|s| *s != SessionState::Anonymous) {
                session.nobody();
            }
        });
        session.refresh();
        session
    }

    /// Asks again.
    pub fn refresh(self) {
        spawn_local(async move {
            // "Nobody" has been noted by the hook already.
            let _ = self.read().await;
        });
    }

    /// Asks again and waits for the answer.
    pub async fn read(self) -> Result<(), ApiError> {
        match api::current().await {
            Ok(view) => {
                spans::want(view.traces);
                self.0.set(SessionState::SignedIn(view));
                Ok(())
            }
            Err(error) => {
                if error.status() == Some(401) {
                    self.nobody();
                } else if self.0.with_untracked(|s| !matches!(s, SessionState::SignedIn(_))) {
                    self.0.set(SessionState::Failed(error.clone()));
                }
                Err(error)
            }
        }
    }

    /// Signs out; the page then asks for a new sign-in.
    pub async fn sign_out(self) -> Result<(), ApiError> {
        api::sign_out().await?;
        self.nobody();
        Ok(())
    }

    fn nobody(self) {
        spans::want(false);
        self.0.set(SessionState::Anonymous);
    }

    /// What is known.
    pub fn get(self) -> SessionState {
        self.0.get()
    }

    /// Whether somebody is signed in.
    pub fn signed_in(self) -> bool {
        self.0.with(|s| matches!(s, SessionState::SignedIn(_)))
    }

    /// Whether the one signed in has nothing here but a desktop of their own.
    pub fn is_member(self) -> bool {
        self.0.with(|s| matches!(s, SessionState::SignedIn(view) if view.role == Role::Member.as_str()))
    }

    /// Whether the one signed in may do this.
    pub fn may(self, permission: Permission) -> bool {
        self.0.with(|state| match state {
            SessionState::SignedIn(view) => view.permissions.iter().any(|p| p == permission.as_str()),
            _ => false,
        })
    }

    /// Whether the one signed in may do this with all there is, and not with a part of it alone.
    pub fn may_everywhere(self, permission: Permission) -> bool {
        let in_parts = |view: &SessionView| view.in_parts.iter().any(|p| p == permission.as_str());
        self.may(permission) && !self.0.with(|s| matches!(s, SessionState::SignedIn(view) if in_parts(view)))
    }
}

/// The session from the context.
pub fn use_session() -> Session {
    expect_context()
}

/// The sign-in address that comes back to where the reader is.
pub fn sign_in_path(path: &str, search: &str) -> String {
    // The router gives the query without its `?`.
    let search = search.trim_start_matches('?');
    let here = if search.is_empty() { path.to_owned() } else { format!("{path}?{search}") };
    if here == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", format::query_value(&here)) }
}

/// Where to go after signing in: `next` when it is a path of this portal, otherwise the overview. Anything that a browser
/// could read as another host (`//host`, `/\host`) is refused.
pub fn safe_next(next: Option<&str>) -> String {
    match next {
        Some(next)
            if next.starts_with('/')
                && !next.starts_with("//")
                && !next.contains(['\\', '\n', '\r', '\t'])
                && !next.starts_with("/sign-in") =>
        {
            next.to_owned()
        }
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_portal_are_returned_to() {
        assert_eq!(safe_next(Some("/workspaces?state=STOPPED&q=a%20b")), "/workspaces?state=STOPPED&q=a%20b");
        for bad in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "javascript:x",
            "",
            "/sign-in",
        ] {
            assert_eq!(safe_next(Some(bad)), "/", "{bad:?}");
        }
        assert_eq!(safe_next(None), "/");
    }

    #[test]
    fn the_return_path_survives() {
        for search in ["q=a&state=STOPPED", "?q=a&state=STOPPED"] {
            let path = sign_in_path("/workspaces", search);
            let pairs = format::query_pairs(path.split_once('?').expect("it has a query").1);
            assert_eq!(pairs, [("next".to_owned(), "/workspaces?q=a&state=STOPPED".to_owned())]);
        }
        assert_eq!(sign_in_path("/", ""), "/sign-in");
    }
}
