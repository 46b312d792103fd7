//! Ids where there is no room for a whole one, or nothing better to call a thing by: how they begin. Pure.

use domain::ids::WorkspaceId;

use crate::components::ui::filter_bar::Chip;

/// So much of an id tells it from others.
const SHOWN: usize = 8;

/// How an id begins.
pub fn short_id(id: &str) -> String {
    id.chars().take(SHOWN).collect()
}

/// The chip of a WorkSpace that a list is narrowed to.
pub fn workspace_chip(id: WorkspaceId) -> Chip {
    let value = id.to_string();
    Chip { key: "workspace", facet: "WorkSpace", label: short_id(&value), value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_told_by_its_beginning() {
        assert_eq!(short_id("0190b6a0-0000-7000-8000-000000000000"), "0190b6a0");
        assert_eq!((short_id("ws-7"), short_id("ä".repeat(9).as_str())), ("ws-7".to_owned(), "ä".repeat(8)));
    }
}
