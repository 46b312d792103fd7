//! Which fields each kind of request needs. The form and the API refuse the same things in the same words.

use super::RequestKind;

/// Why a request can't be taken: the field, a stable code, and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadRequest {
    /// The field.
    pub field: &'static str,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong with it.
    pub message: &'static str,
}

const fn missing(field: &'static str, message: &'static str) -> Option<BadRequest> {
    Some(BadRequest { field, code: "missing", message })
}

const fn unwanted(field: &'static str, message: &'static str) -> Option<BadRequest> {
    Some(BadRequest { field, code: "unwanted", message })
}

/// Everything that is wrong with a request that names a desktop, a bundle or has a note, or does not.
#[must_use]
pub fn check(kind: RequestKind, desktop: bool, bundle: bool, note: bool) -> Vec<BadRequest> {
    let of_desktop = match kind {
        RequestKind::NewDesktop if desktop => unwanted("workspace_id", "a new desktop is none of those you have"),
        RequestKind::OtherBundle | RequestKind::Rebuild if !desktop => {
            missing("workspace_id", "say which desktop this is about")
        }
        _ => None,
    };
    let of_bundle = match kind {
        RequestKind::OtherBundle if !bundle => missing("bundle", "say which bundle you need"),
        RequestKind::Rebuild | RequestKind::Other if bundle => {
            unwanted("bundle", "a bundle goes with a new desktop or with another bundle")
        }
        _ => None,
    };
    let of_note = match kind {
        RequestKind::Other if !note => missing("note", "say what you need"),
        _ => None,
    };
    [of_desktop, of_bundle, of_note].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table, written out by hand: kind, then the fields at fault when everything is given and when nothing is.
    #[test]
    fn each_kind_needs_its_fields() {
        let fields = |kind, given| -> Vec<_> { check(kind, given, given, given).iter().map(|bad| bad.field).collect() };
        for (kind, all, none) in [
            (RequestKind::NewDesktop, vec!["workspace_id"], vec![]),
            (RequestKind::OtherBundle, vec![], vec!["workspace_id", "bundle"]),
            (RequestKind::Rebuild, vec!["bundle"], vec!["workspace_id"]),
            (RequestKind::Other, vec!["bundle"], vec!["note"]),
        ] {
            assert_eq!(fields(kind, true), all, "{kind}");
            assert_eq!(fields(kind, false), none, "{kind}");
        }
    }
}
