//! Which view an address is, and the views once one of them is another or gone. Pure.

use contract::views::SavedView;
use domain::ids::ViewId;
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

/// The views with this one as it is now, as far as they are known.
pub fn replaced(mut all: Option<Vec<SavedView>>, now: &SavedView) -> Option<Vec<SavedView>> {
    all.iter_mut().flatten().filter(|one| one.id == now.id).for_each(|one| one.clone_from(now));
    all
}

/// The views without this one, as far as they are known.
pub fn without(mut all: Option<Vec<SavedView>>, gone: ViewId) -> Option<Vec<SavedView>> {
    if let Some(all) = &mut all {
        all.retain(|one| one.id != gone);
    }
    all
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

    #[test]
    fn one_of_several_is_another_or_gone() {
        let numbered =
            |number: u128, name: &str| SavedView { id: uuid::Uuid::from_u128(number).into(), ..view(name, true) };
        let names = |all: Option<Vec<SavedView>>| {
            all.map(|all| all.into_iter().map(|view| view.name).collect::<Vec<_>>().join(" "))
        };
        let all = || Some(vec![numbered(1, "a"), numbered(2, "b")]);
        assert_eq!(names(replaced(all(), &numbered(2, "c"))).as_deref(), Some("a c"));
        assert_eq!(names(replaced(all(), &numbered(3, "c"))).as_deref(), Some("a b"));
        assert_eq!(names(without(all(), numbered(1, "a").id)).as_deref(), Some("b"));
        assert_eq!((replaced(None, &numbered(1, "a")), without(None, numbered(1, "a").id)), (None, None));
    }
}
