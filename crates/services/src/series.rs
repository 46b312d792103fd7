//! How many groups a chart shows by themselves, beside the one of all others. Not which: each figure has an order of its own.

/// As many as can be told apart by colour.
const MOST: usize = 5;

/// How many of so many groups are shown by themselves. One more colour says as much as others that are one group.
pub(crate) fn shown(all: usize) -> usize {
    if all == MOST + 1 { all } else { all.min(MOST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_are_not_five_and_one_other() {
        assert_eq!([0, 1, 5, 6, 7, 90].map(shown), [0, 1, 5, 6, 5, 5]);
    }
}
