//! Which view an address is. Pure.

use contract::views::SavedView;
use domain::views::ViewPage;

use crate::format::query_pairs;

/// What a view keeps of an address's query: everything but the place in a list.
fn parts(query: &str) -> Vec<(String, String)> {
    let says =
        |(key, value): &(String, String)| !value.is_empty() && !["cursor", "page", "row"].contains(&key.as_str());
    query_pairs(query).into_iter().filter(says).collect()
}

/// The same as a query string, without `?`.
pub fn kept(query: &str) -> String {
    serde_urlencoded::to_string(parts(query)).unwrap_or_default()
}

/// Whether both queries ask for the same, in whatever order.
pub fn same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (parts(one), parts(other));
    one.sort_unstable();
    other.sort_unstable();
    one == other
}

/// The view that an address is; one's own comes before one of the same that is shared.
pub fn view_at<'a>(views: &'a [SavedView], query: &str) -> Option<&'a SavedView> {
    let mut at = views.iter().filter(|view| same(&view.query, query));
    let first = at.clone().next();
    at.find(|view| view.own).or(first)
}

/// The address of a view.
pub fn address(page: ViewPage, query: &str) -> String {
    if query.is_empty() { page.path().to_owned() } else { format!("{}?{query}", page.path()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(query: &str, own: bool) -> SavedView {
        SavedView {
            id: uuid::Uuid::nil().into(),
            page: ViewPage::Workspaces,
            name: query.to_owned(),
            query: query.to_owned(),
            shared: !own,
            own,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    #[test]
    fn a_view_keeps_no_place_in_the_list() {
        assert_eq!(kept("?state=STOPPED%2CERROR&cursor=abc&page=3&row=7&q="), "state=STOPPED%2CERROR");
        assert_eq!(kept(""), "");
        assert_eq!(address(ViewPage::Audit, "q=a"), "/audit/log?q=a");
        assert_eq!(address(ViewPage::Jobs, ""), "/jobs");
    }

    #[test]
    fn an_address_is_the_view_that_asks_for_the_same() {
        let views = [view("state=ERROR&q=a", false), view("q=a&state=ERROR", true), view("", false)];
        assert_eq!(view_at(&views, "?q=a&state=ERROR&page=2&cursor=x").map(|view| view.own), Some(true));
        assert_eq!(view_at(&views[..1], "?q=a&state=ERROR").map(|view| view.own), Some(false));
        assert_eq!(view_at(&views, "").map(|view| view.query.as_str()), Some(""));
        assert_eq!(view_at(&views, "?q=b"), None);
    }
}
