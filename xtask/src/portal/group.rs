//! Which parts of the program go together into one file. A program of a dozen pages falls into hundreds of parts, one for each
//! set of pages that have something in common; a page would fetch two hundred files. Each further file of a page costs about
//! what some more bytes do, so parts are brought together as long as that saves more than it costs: what pages then fetch
//! without needing it. Pure. Not how parts become one: that is `merge.rs`.

use std::collections::BTreeSet;

/// What one more file costs a page, as bytes of wasm: a question, its answer's head, a module to compile by itself, and a
/// compression that begins anew. Measured: with much less pages fetch twice as many files, with much more they fetch no less.
const FILE: i64 = 45_000;

/// Parts that go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The pages that fetch it.
    pub pages: BTreeSet<String>,
    /// Bytes of wasm.
    pub size: u32,
    /// The numbers of its parts, in order.
    pub parts: Vec<usize>,
}

/// Brings groups together, the two that gain most first, until no two would gain.
pub fn grouped(mut groups: Vec<Group>) -> Vec<Group> {
    loop {
        let pairs = (0..groups.len()).flat_map(|a| (a + 1..groups.len()).map(move |b| (a, b)));
        let gains = pairs.map(|(a, b)| (gain(&groups[a], &groups[b]), a, b)).filter(|(gain, ..)| *gain > 0);
        // Of several that gain the same always the same one, so that a program is always cut the same way.
        let Some((_, a, b)) = gains.min_by_key(|&(gain, a, b)| (-gain, a, b)) else { return groups };
        let other = groups.remove(b);
        groups[a].size += other.size;
        groups[a].pages.extend(other.pages);
        groups[a].parts.extend(other.parts);
        groups[a].parts.sort_unstable();
    }
}

/// What all pages together save when two groups are one file: a file for each that fetches both, less what the others fetch in vain.
fn gain(a: &Group, b: &Group) -> i64 {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let both = count(a.pages.intersection(&b.pages).count());
    let only = |group: &Group| count(group.pages.len()) - both;
    FILE * both - only(a) * i64::from(b.size) - only(b) * i64::from(a.size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(part: usize, size: u32, pages: &[&str]) -> Group {
        Group { pages: pages.iter().map(|&page| page.to_owned()).collect(), size, parts: vec![part] }
    }

    fn parts(groups: &[Group]) -> Vec<Vec<usize>> {
        groups.iter().map(|group| group.parts.clone()).collect()
    }

    #[test]
    fn small_parts_of_a_page_go_together_and_large_ones_of_others_stay_apart() {
        let whole = grouped(vec![
            group(0, 400_000, &["fleet"]),
            group(1, 100, &["fleet", "jobs"]),
            group(2, 300_000, &["jobs"]),
            group(3, 200, &["fleet", "jobs", "usage"]),
            group(4, 150_000, &["usage"]),
        ]);
        assert_eq!(parts(&whole), [vec![0], vec![1, 3], vec![2], vec![4]]);
        assert_eq!(whole[1].size, 300);
        assert_eq!(whole[1].pages.len(), 3);
    }

    #[test]
    fn all_of_one_page_is_one_file_and_pages_that_share_nothing_share_no_file() {
        let one = vec![group(0, 900_000, &["fleet"]), group(1, 900_000, &["fleet"])];
        assert_eq!(parts(&grouped(one)), [[0, 1]]);
        let two = vec![group(0, 1, &["fleet"]), group(1, 1, &["jobs"])];
        assert_eq!(parts(&grouped(two)).len(), 2);
        assert!(grouped(Vec::new()).is_empty());
    }

    #[test]
    fn every_part_is_in_one_group_and_a_page_reaches_all_it_needs() {
        let names = ["a", "b", "c", "d", "e"];
        let all: Vec<Group> = (1..32_usize)
            .map(|set| {
                let pages: Vec<&str> = (0..5).filter(|bit| set & (1 << bit) != 0).map(|bit| names[bit]).collect();
                group(set - 1, u32::try_from(set * 7_919 % 40_000).unwrap(), &pages)
            })
            .collect();
        let whole = grouped(all.clone());
        assert!(whole.len() < all.len() / 2, "{}", whole.len());
        let mut seen: Vec<usize> = parts(&whole).concat();
        seen.sort_unstable();
        assert_eq!(seen, (0..all.len()).collect::<Vec<_>>());
        for group in &whole {
            assert!(group.parts.iter().all(|part| all[*part].pages.is_subset(&group.pages)));
        }
    }
}
