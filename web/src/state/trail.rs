//! The way back through a list that turns pages. Not for lists that scroll over all their rows.

/// The cursors that led to the page on screen. A cursor only leads on, so the way back is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    /// The filters and sort it belongs to; another list starts a new trail.
    pub list: String,
    /// The cursor of each page before this one; `None` is the first page's.
    pub cursors: Vec<Option<String>>,
}

impl Trail {
    /// Notes that the reader goes on from the page at `from`.
    pub fn forward(&mut self, list: &str, from: Option<String>) {
        if self.list != list || from.is_none() {
            *self = Self { list: list.to_owned(), cursors: Vec::new() };
        }
        self.cursors.push(from);
    }

    /// The cursor of the page before; the first page when the way is not known.
    pub fn back(&mut self, list: &str) -> Option<String> {
        if self.list == list { self.cursors.pop().flatten() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::Trail;

    #[test]
    fn the_way_back_is_the_way_there() {
        let mut trail = Trail::default();
        trail.forward("a", None);
        trail.forward("a", Some("c1".into()));
        trail.forward("a", Some("c2".into()));
        assert_eq!(trail.back("a"), Some("c2".into()));
        assert_eq!(trail.back("a"), Some("c1".into()));
        assert_eq!(trail.back("a"), None);
        assert_eq!(trail.back("a"), None);
    }

    #[test]
    fn another_list_has_its_own_way() {
        let mut trail = Trail::default();
        trail.forward("a", None);
        trail.forward("a", Some("c1".into()));
        assert_eq!(trail.back("b"), None);
        trail.forward("b", None);
        assert_eq!(trail.cursors, [None]);
    }
}
