//! Rows with a signal each: reading a list again redraws only what changed, and the focus stays where it is.

use leptos::prelude::*;

/// A list's rows by key.
pub type Rows<K, V> = RwSignal<Vec<(K, ArcRwSignal<V>)>>;

/// Puts what was read into the rows: what is known keeps its signal, what is gone goes, in the order read.
pub fn merge<K, V>(rows: Rows<K, V>, items: &[V], key: impl Fn(&V) -> K)
where
    K: Clone + PartialEq + Send + Sync + 'static,
    V: Clone + PartialEq + Send + Sync + 'static,
{
    let old = rows.get_untracked();
    let new: Vec<_> = items
        .iter()
        .map(|item| {
            let key = key(item);
            let known = old.iter().find(|(other, _)| *other == key).map(|(_, signal)| signal.clone());
            let signal = known.unwrap_or_else(|| ArcRwSignal::new(item.clone()));
            if signal.with_untracked(|known| known != item) {
                signal.set(item.clone());
            }
            (key, signal)
        })
        .collect();
    let same = old.len() == new.len() && old.iter().zip(&new).all(|((a, _), (b, _))| a == b);
    if !same {
        rows.set(new);
    }
}
