//! Hours of WorkSpaces in bins that a person reads at a glance: all as wide, few, and with round edges. Pure.

/// The most bins.
const MOST: u32 = 12;
/// How wide a bin may be, hours. The last is enough for the longest question.
const WIDTHS: [u32; 12] = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000];

/// A bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageBin {
    /// From so many hours on.
    pub from_hours: u32,
    /// And below so many.
    pub to_hours: u32,
    /// WorkSpaces.
    pub workspaces: u64,
}

/// The bins of how many WorkSpaces were connected for how many whole hours. None without any; the first begins at 0, the last
/// has somebody in it.
pub(super) fn bins(hours: &[(u32, u64)]) -> Vec<UsageBin> {
    let Some(most) = hours.iter().filter(|(_, count)| *count > 0).map(|(hours, _)| *hours).max() else {
        return Vec::new();
    };
    let width = WIDTHS.into_iter().find(|width| most / width < MOST).unwrap_or(1000);
    (0..=most / width)
        .map(|bin| {
            let (from, to) = (bin * width, (bin + 1) * width);
            let within = hours.iter().filter(|(hours, _)| (from..to).contains(hours)).map(|(_, count)| count).sum();
            UsageBin { from_hours: from, to_hours: to, workspaces: within }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn edges_are_round() {
        assert_eq!(bins(&[]), []);
        assert_eq!(bins(&[(7, 0)]), []);
        assert_eq!(bins(&[(0, 3)]), [UsageBin { from_hours: 0, to_hours: 1, workspaces: 3 }]);
        let month = bins(&[(0, 1), (19, 2), (20, 4), (167, 1)]);
        assert_eq!((month.len(), month[0].to_hours), (9, 20));
        assert_eq!(month.iter().map(|bin| bin.workspaces).collect::<Vec<_>>(), [3, 4, 0, 0, 0, 0, 0, 0, 1]);
    }

    proptest! {
        #[test]
        fn everybody_is_in_one_bin(hours in prop::collection::vec((0_u32..9_600, 0_u64..50), 0..40)) {
            let bins = bins(&hours);
            prop_assert_eq!(bins.iter().map(|bin| bin.workspaces).sum::<u64>(), hours.iter().map(|(_, count)| count).sum::<u64>());
            prop_assert!(bins.len() <= 12);
            prop_assert!(bins.windows(2).all(|pair| pair[0].to_hours == pair[1].from_hours));
            prop_assert!(bins.last().is_none_or(|last| last.workspaces > 0));
        }
    }
}
