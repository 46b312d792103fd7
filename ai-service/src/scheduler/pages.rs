//! Which page of the model's cache belongs to whom, and which whole pages may be used again.
//!
//! A page is free, held (by one sequence, or by several that begin alike), or kept: whole, held by nobody, and found
//! again by what it says and what comes before it. Of the kept ones the longest unused goes first, a continuation always
//! before its beginning. Keys are the tokens themselves, so that no two beginnings are ever taken for the same.

use std::collections::{BTreeMap, HashMap};

use crate::engine::{PageId, RopeFactors};

/// A beginning of sequences, made of whole pages: the number of its last one. Numbers are never given twice.
pub type Node = u64;

/// Where all sequences with these factors begin.
pub fn root(rope: RopeFactors) -> Node {
    match rope {
        RopeFactors::Short => 0,
        RopeFactors::Long => 1,
    }
}

/// What a page says: the beginning that it continues, and its tokens.
type Key = (Node, Box<[u32]>);

#[derive(Debug, Default)]
struct Page {
    holders: u32,
    /// Where it is whole and can be found.
    known: Option<(Key, Node)>,
    /// Its place among the kept ones.
    stamp: u64,
}

/// The pages of one model.
#[derive(Debug)]
pub struct Pages {
    size: usize,
    pages: Vec<Page>,
    free: Vec<PageId>,
    known: HashMap<Key, PageId>,
    kept: BTreeMap<u64, PageId>,
    next_node: Node,
    next_stamp: u64,
}

impl Pages {
    /// All free.
    pub fn new(count: usize, size: usize) -> Self {
        let last = PageId::try_from(count).unwrap_or(PageId::MAX);
        Self {
            size,
            pages: (0..last).map(|_| Page::default()).collect(),
            free: (0..last).rev().collect(),
            known: HashMap::new(),
            kept: BTreeMap::new(),
            next_node: 2,
            next_stamp: 0,
        }
    }

    /// Positions in a page.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Pages that can be had.
    pub fn available(&self) -> usize {
        self.free.len() + self.kept.len()
    }

    /// Pages that sequences hold.
    pub fn held(&self) -> usize {
        self.pages.len() - self.available()
    }

    /// Pages kept for whoever begins alike.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// All pages.
    pub fn count(&self) -> usize {
        self.pages.len()
    }

    /// Holds the known pages that `tokens` begin with, at most `most`; with them the beginning they make.
    pub fn find(&mut self, rope: RopeFactors, tokens: &[u32], most: usize) -> (Vec<PageId>, Node) {
        let (mut node, mut found) = (root(rope), Vec::new());
        for piece in tokens.chunks_exact(self.size).take(most) {
            let Some(page) = self.known.get(&(node, piece.into())).copied() else { break };
            let Some((_, next)) = &self.pages[page as usize].known else { break };
            node = *next;
            self.hold(page);
            found.push(page);
        }
        (found, node)
    }

    /// A page for new tokens. What was kept longest unused is forgotten when none is free.
    pub fn take(&mut self) -> Option<PageId> {
        let page = match self.free.pop() {
            Some(page) => page,
            None => {
                let (_, page) = self.kept.pop_first()?;
                if let Some((key, _)) = self.pages[page as usize].known.take() {
                    self.known.remove(&key);
                }
                page
            }
        };
        self.pages[page as usize].holders = 1;
        Some(page)
    }

    /// Makes a page known that is whole by now, and says which beginning it makes. Where another page says the same
    /// already, that one is held instead and this one given back.
    pub fn publish(&mut self, page: PageId, before: Node, tokens: &[u32]) -> (PageId, Node) {
        let key: Key = (before, tokens.into());
        if let Some(other) = self.known.get(&key).copied()
            && let Some((_, node)) = &self.pages[other as usize].known
        {
            let node = *node;
            if other != page {
                self.hold(other);
                self.release(&[page]);
            }
            return (other, node);
        }
        let node = self.next_node;
        self.next_node += 1;
        self.known.insert(key.clone(), page);
        self.pages[page as usize].known = Some((key, node));
        (page, node)
    }

    /// Lets go of the pages of a sequence, given in their order.
    pub fn release(&mut self, pages: &[PageId]) {
        // The last first, so that it is the first to be forgotten.
        for id in pages.iter().rev() {
            let page = &mut self.pages[*id as usize];
            page.holders = page.holders.saturating_sub(1);
            if page.holders > 0 {
                continue;
            }
            if page.known.is_some() {
                page.stamp = self.next_stamp;
                self.next_stamp += 1;
                self.kept.insert(page.stamp, *id);
            } else {
                self.free.push(*id);
            }
        }
    }

    fn hold(&mut self, id: PageId) {
        let page = &mut self.pages[id as usize];
        if page.holders == 0 {
            self.kept.remove(&page.stamp);
        }
        page.holders += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHORT: RopeFactors = RopeFactors::Short;

    /// Computes a sequence of whole pages and lets it go.
    fn compute(pages: &mut Pages, tokens: &[u32]) -> Vec<PageId> {
        let (mut own, mut node) = pages.find(SHORT, tokens, usize::MAX);
        for piece in tokens.chunks_exact(pages.size()).skip(own.len()) {
            let page = pages.take().unwrap();
            let (page, next) = pages.publish(page, node, piece);
            own.push(page);
            node = next;
        }
        pages.release(&own);
        own
    }

    #[test]
    fn what_begins_alike_shares_its_whole_pages() {
        let mut pages = Pages::new(8, 2);
        let own = compute(&mut pages, &[1, 2, 3, 4, 5, 6]);
        assert_eq!((pages.held(), pages.kept(), pages.available()), (0, 3, 8));
        let (found, _) = pages.find(SHORT, &[1, 2, 3, 4, 9, 9], usize::MAX);
        assert_eq!((found.as_slice(), pages.held()), (&own[..2], 2));
        assert!(pages.find(SHORT, &[3, 4], usize::MAX).0.is_empty(), "not without what came before");
        assert!(pages.find(RopeFactors::Long, &[1, 2], usize::MAX).0.is_empty(), "not with other factors");
        assert_eq!(pages.find(SHORT, &[1, 2, 3, 4], 1).0, [own[0]], "no more than asked for");
        pages.release(&found);
        pages.release(&own[..1]);
        assert_eq!(pages.held(), 0);
    }

    #[test]
    fn the_longest_unused_goes_first_and_ends_before_beginnings() {
        let mut pages = Pages::new(4, 1);
        compute(&mut pages, &[1, 2]);
        compute(&mut pages, &[3, 4]);
        // 2 is the end of the older one, then 1; 3 and 4 are newer.
        let first = pages.take().unwrap();
        assert_eq!(pages.find(SHORT, &[1, 2], 9).0.len(), 1);
        pages.take().unwrap();
        assert_eq!(pages.find(SHORT, &[3, 4], 9).0.len(), 1, "1 was just used, so 4 went");
        pages.release(&[first]);
        assert_eq!((pages.available(), pages.kept()), (1, 0));
    }

    #[test]
    fn the_same_computed_twice_is_kept_once() {
        let mut pages = Pages::new(4, 1);
        let (one, two) = (pages.take().unwrap(), pages.take().unwrap());
        let (kept, node) = pages.publish(one, root(SHORT), &[7]);
        assert_eq!(kept, one);
        assert_eq!(pages.publish(two, root(SHORT), &[7]), (one, node));
        assert_eq!(pages.publish(one, root(SHORT), &[7]), (one, node), "again is harmless");
        assert_eq!(pages.held(), 1);
        pages.release(&[one]);
        pages.release(&[one]);
        assert_eq!((pages.held(), pages.kept()), (0, 1));
    }

    proptest! {
        /// Whatever is taken, found, published and released: no page is lost, none has two owners.
        #[test]
        fn pages_are_neither_lost_nor_doubled(steps in prop::collection::vec((0_u8..3, prop::collection::vec(0_u32..3, 1..8)), 1..80)) {
            let mut pages = Pages::new(6, 2);
            let mut held: Vec<Vec<PageId>> = Vec::new();
            for (kind, tokens) in steps {
                if kind == 0 && !held.is_empty() {
                    let own = held.remove(tokens[0] as usize % held.len());
                    pages.release(&own);
                    continue;
                }
                let (mut own, mut node) = pages.find(SHORT, &tokens, usize::MAX);
                for piece in tokens.chunks(2).skip(own.len()) {
                    let Some(page) = pages.take() else { break };
                    prop_assert!(!held.iter().flatten().chain(&own).any(|other| *other == page));
                    if piece.len() == 2 && kind == 1 {
                        let (page, next) = pages.publish(page, node, piece);
                        node = next;
                        own.push(page);
                    } else {
                        own.push(page);
                        break;
                    }
                }
                held.push(own);
                let mut distinct: Vec<PageId> = held.iter().flatten().copied().collect();
                distinct.sort_unstable();
                distinct.dedup();
                prop_assert_eq!(pages.held(), distinct.len());
            }
            held.iter().for_each(|own| pages.release(own));
            prop_assert_eq!((pages.held(), pages.available()), (0, 6));
        }
    }
}
