//! The queue before the engine: bounded, and fair between callers.
//!
//! Callers take turns, however many requests each has waiting. When it is full, a caller who has less waiting than
//! another still gets in: the newest request of whoever has most waiting makes room, and is refused instead.

use std::collections::VecDeque;

/// Requests that wait, by caller.
#[derive(Debug)]
pub struct FairQueue<T> {
    limit: usize,
    length: usize,
    /// In the order of their turns; nobody without requests.
    callers: VecDeque<Caller<T>>,
}

#[derive(Debug)]
struct Caller<T> {
    name: String,
    waiting: VecDeque<T>,
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed<T> {
    /// It waits.
    Waits,
    /// It waits, and this one of somebody else's had to go.
    Displaced(T),
    /// There is no room for it.
    Full(T),
}

impl<T> FairQueue<T> {
    /// Of at most `limit` requests.
    pub fn new(limit: usize) -> Self {
        Self { limit, length: 0, callers: VecDeque::new() }
    }

    /// Requests that wait.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Puts a request behind the others of its caller.
    pub fn push(&mut self, name: &str, request: T) -> Pushed<T> {
        let mut displaced = None;
        if self.length >= self.limit {
            let own = self.callers.iter().find(|caller| caller.name == name).map_or(0, |caller| caller.waiting.len());
            // Only where room is made for somebody who has less waiting even afterwards.
            let greedy = self.callers.iter_mut().max_by_key(|caller| caller.waiting.len());
            match greedy.filter(|caller| caller.waiting.len() > own + 1) {
                Some(caller) => displaced = caller.waiting.pop_back(),
                None => return Pushed::Full(request),
            }
            self.length -= usize::from(displaced.is_some());
        }
        self.length += 1;
        match self.callers.iter_mut().find(|caller| caller.name == name) {
            Some(caller) => caller.waiting.push_back(request),
            None => self.callers.push_back(Caller { name: name.to_owned(), waiting: VecDeque::from([request]) }),
        }
        displaced.map_or(Pushed::Waits, Pushed::Displaced)
    }

    /// The request whose turn it is.
    pub fn peek(&self) -> Option<&T> {
        self.callers.front().and_then(|caller| caller.waiting.front())
    }

    /// Takes it; its caller's next turn comes after everybody else's.
    pub fn pop(&mut self) -> Option<T> {
        let mut caller = self.callers.pop_front()?;
        let request = caller.waiting.pop_front();
        self.length -= usize::from(request.is_some());
        if !caller.waiting.is_empty() {
            self.callers.push_back(caller);
        }
        request
    }

    /// Drops the requests that are not wanted any more; says how many.
    pub fn retain(&mut self, wanted: impl Fn(&T) -> bool) -> usize {
        let before = self.length;
        self.callers.iter_mut().for_each(|caller| caller.waiting.retain(&wanted));
        self.callers.retain(|caller| !caller.waiting.is_empty());
        self.length = self.callers.iter().map(|caller| caller.waiting.len()).sum();
        before - self.length
    }

    /// Takes all of them.
    pub fn drain(&mut self) -> Vec<T> {
        self.length = 0;
        std::mem::take(&mut self.callers).into_iter().flat_map(|caller| caller.waiting).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(queue: &mut FairQueue<u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn callers_take_turns() {
        let mut queue = FairQueue::new(10);
        for (name, request) in [("a", 1), ("a", 2), ("a", 3), ("b", 10), ("c", 20), ("b", 11)] {
            assert_eq!(queue.push(name, request), Pushed::Waits);
        }
        assert_eq!((queue.len(), queue.peek()), (6, Some(&1)));
        assert_eq!(all(&mut queue), [1, 10, 20, 2, 11, 3]);
        assert!(queue.is_empty() && queue.peek().is_none());
    }

    #[test]
    fn a_full_queue_refuses_who_has_most_and_not_who_comes_late() {
        let mut queue = FairQueue::new(3);
        (1..=3).for_each(|request| assert_eq!(queue.push("a", request), Pushed::Waits));
        assert_eq!(queue.push("a", 4), Pushed::Full(4));
        assert_eq!(queue.push("b", 10), Pushed::Displaced(3));
        assert_eq!(queue.push("b", 11), Pushed::Full(11), "two against one would only be turned round");
        assert_eq!(queue.push("c", 20), Pushed::Displaced(2));
        assert_eq!(queue.push("d", 30), Pushed::Full(30), "everybody has one");
        assert_eq!(all(&mut queue), [1, 10, 20]);
    }

    #[test]
    fn what_is_not_wanted_leaves_room() {
        let mut queue = FairQueue::new(3);
        for (name, request) in [("a", 1), ("a", 2), ("b", 3)] {
            queue.push(name, request);
        }
        assert_eq!(queue.retain(|request| *request == 2), 2);
        assert_eq!((queue.len(), queue.push("c", 4), queue.drain()), (1, Pushed::Waits, vec![2, 4]));
        assert!(queue.is_empty());
    }
}
