//! A change that is shown before the server has it, and taken back where the server refuses it. For what is small and seldom
//! refused: a switch, a thumb, a view that can be made again. Not for what costs, destroys or was typed: that waits for its answer
//! (`submit`).

use std::future::Future;

use leptos::prelude::*;

use crate::api::ApiError;

/// Shows the change at once, then what the call answers; where it fails what was shown before, unless something newer has come
/// meanwhile. Whoever calls says why it failed, and keeps what begins it busy until then: of two changes of one value under way, which
/// one the server has in the end nobody here could tell.
///
/// # Errors
/// Those of the call.
pub async fn change<T: Clone + PartialEq + Send + Sync + 'static>(
    shown: ArcRwSignal<T>,
    change: impl FnOnce(&mut T),
    call: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let before = shown.get_untracked();
    let mut wanted = before.clone();
    change(&mut wanted);
    shown.set(wanted.clone());
    let answer = call.await;
    match &answer {
        Ok(kept) => shown.set(kept.clone()),
        Err(_) if shown.with_untracked(|now| *now == wanted) => shown.set(before),
        Err(_) => {}
    }
    answer
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    /// What is shown while a change from 1 to 2 is asked for, and in the end; something else may come meanwhile.
    fn shown(answer: Result<u8, ApiError>, meanwhile: Option<u8>) -> (u8, u8) {
        let shown = ArcRwSignal::new(1);
        let (seen, asking) = (ArcRwSignal::new(0), shown.clone());
        let call = {
            let seen = seen.clone();
            async move {
                seen.set(asking.get_untracked());
                if let Some(newer) = meanwhile {
                    asking.set(newer);
                }
                answer
            }
        };
        assert!(change(shown.clone(), |number| *number = 2, call).now_or_never().is_some());
        (seen.get_untracked(), shown.get_untracked())
    }

    #[test]
    fn a_change_is_shown_at_once_and_then_as_the_server_has_it() {
        assert_eq!(shown(Ok(3), None), (2, 3));
        assert_eq!(shown(Ok(3), Some(7)), (2, 3));
    }

    #[test]
    fn what_is_refused_is_taken_back_unless_something_newer_came() {
        assert_eq!(shown(Err(ApiError::Unreachable), None), (2, 1));
        assert_eq!(shown(Err(ApiError::Unreachable), Some(7)), (2, 7));
    }
}
