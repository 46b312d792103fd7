//! A parameter of the page's own path. The router tells the parameters of the page that one goes to here, too, until that page is
//! shown; where both have one of the same name, the page that is left would take it for its own. Not the query: that is `url_list`.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

/// The parameter, while the path is `root` (such as `/jobs`) or below it; as it was, while one is on the way elsewhere. `None` where
/// the path ends before it.
pub fn use_own_param(root: &'static str, name: &'static str) -> Memo<Option<String>> {
    let (params, path) = (use_params_map(), use_location().pathname);
    Memo::new(move |before: Option<&Option<String>>| match before {
        Some(before) if !path.with(|path| is_at(path, root)) => before.clone(),
        _ => params.with(|params| params.get(name)).filter(|value| !value.is_empty()),
    })
}

fn is_at(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_whole_names() {
        for (path, root, at) in [
            ("/jobs", "/jobs", true),
            ("/jobs/", "/jobs", true),
            ("/jobs/7", "/jobs", true),
            ("/jobsite/7", "/jobs", false),
            ("/profile/account", "/jobs", false),
            ("/", "/jobs", false),
        ] {
            assert_eq!(is_at(path, root), at, "{path}");
        }
    }
}
