//! Costs: what was billed, what the month will come to, budgets, and why the bill is another than expected. `state.rs` reads the
//! address, `words.rs` makes charts' data of answers; each part reads its own of the API.

mod all_accounts;
mod budget_rules;
mod budgets;
#[cfg(test)]
mod budgets_in_browser;
mod estimates;
#[cfg(test)]
mod estimates_in_browser;
mod figures;
mod groups;
mod head;
#[cfg(test)]
mod in_browser;
mod led;
#[cfg(test)]
mod led_in_browser;
mod lines;
mod reconciliation;
mod region;
mod state;
mod view;
mod words;
mod workspaces;

#[cfg(test)]
pub use state::CostUrl;
pub use view::CostsPage;
