//! What a call is narrowed to: as a filter, in words, and as the query of the list that shows the same. Names that nobody knows
//! match nothing, and what was typed is never said back: only what was found is a fact.

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::assistant::{Facts, Filters, Sentence, Source};
use domain::ids::{AccountId, Region};
use domain::workspace::ConnectionState;
use store::repo::accounts::account_list;

use super::ToolError;
use super::say::{joined, source, text};
use crate::Context;
use crate::workspaces::WorkspaceFilter;

/// A region that is none: it has the form of one, and nothing is in it.
pub(super) const NOWHERE: &str = "xx-none-0";

/// A piece of what is said.
enum Piece {
    /// Our words.
    Words(String),
    /// A name that was found.
    Text(&'static str, String),
}

/// What a call is narrowed to.
pub(super) struct Narrow {
    /// The filter.
    pub(super) filter: WorkspaceFilter,
    /// What a model may say in any sentence.
    pub(super) context: Vec<String>,
    pieces: Vec<Piece>,
    query: Vec<(&'static str, String)>,
    labels: Vec<String>,
}

impl Narrow {
    /// What the filters mean to somebody with that scope.
    pub(super) async fn of(ctx: &Context, scope: &Scope, filters: &Filters) -> Result<Self, ToolError> {
        let mut narrow = Self {
            filter: WorkspaceFilter::default(),
            context: Vec::new(),
            pieces: Vec::new(),
            query: Vec::new(),
            labels: Vec::new(),
        };
        narrow.kinds(filters);
        narrow.places(filters);
        if !filters.accounts.is_empty() {
            narrow.accounts(ctx, scope, &filters.accounts).await?;
        }
        narrow.ids("bundle", " of the bundle ", "wsb-", &filters.bundles);
        narrow.ids("directory", " in the directory ", "d-", &filters.directories);
        if let Some((key, value)) = &filters.tag {
            narrow.filter.tag = Some((key.clone(), value.clone()));
            narrow.query.push(("tag", value.as_ref().map_or_else(|| key.clone(), |value| format!("{key}={value}"))));
            narrow.plain(" with the tag asked for", "with a tag");
        }
        if let Some(words) = filters.words.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
            narrow.filter.q = Some(words.to_owned());
            narrow.query.push(("q", words.to_owned()));
            narrow.plain(" that fit the words asked for", "that fit words");
        }
        Ok(narrow)
    }

    /// Whether it narrows at all.
    pub(super) fn narrows(&self) -> bool {
        !self.query.is_empty()
    }

    /// What it is narrowed to, behind the word for what is counted: ` in state STOPPED in eu-west-1`. Adds the names as facts.
    pub(super) fn said(&self, facts: &mut Facts) -> Sentence {
        facts.context.extend(self.context.iter().cloned());
        self.pieces.iter().fold(Sentence::new(), |sentence, piece| match piece {
            Piece::Words(words) => sentence.words(words.clone()),
            Piece::Text(about, name) => sentence.fact(text(facts, *about, name)),
        })
    }

    /// The list that shows the same, with more of a query.
    pub(super) fn page(&self, more: &[(&'static str, String)], as_of: Option<DateTime<Utc>>) -> Source {
        let mut label = "WorkSpaces".to_owned();
        for one in &self.labels {
            label.push_str(", ");
            label.push_str(one);
        }
        let query: Vec<_> = self.query.iter().chain(more).cloned().collect();
        source(label, "/workspaces", &query, as_of)
    }

    fn kinds(&mut self, filters: &Filters) {
        self.filter.states.clone_from(&filters.states);
        self.known("state", " in state ", filters.states.iter().map(|one| (one.is_known(), one.as_str())));
        self.filter.running_modes.clone_from(&filters.running_modes);
        let modes = filters.running_modes.iter().map(|one| (one.is_known(), one.as_str()));
        self.known("running_mode", " with running mode ", modes);
        self.filter.compute_types.clone_from(&filters.compute_types);
        let types = filters.compute_types.iter().map(|one| (one.is_known(), one.as_str()));
        self.known("compute_type", " with compute type ", types);
        self.filter.connections.clone_from(&filters.connections);
        match filters.connections.as_slice() {
            [] => {}
            [ConnectionState::Connected] => {
                self.query.push(("connection", "CONNECTED".to_owned()));
                self.plain(" with somebody connected", "connected");
            }
            [ConnectionState::Disconnected] => {
                self.query.push(("connection", "DISCONNECTED".to_owned()));
                self.plain(" with nobody connected", "not connected");
            }
            some => {
                self.known("connection", " with connection ", some.iter().map(|one| (one.is_known(), one.as_str())))
            }
        }
    }

    fn places(&mut self, filters: &Filters) {
        if filters.regions.is_empty() {
            return;
        }
        let regions: Vec<Region> = filters.regions.iter().filter_map(|code| code.parse().ok()).collect();
        self.known("region", " in ", regions.iter().map(|region| (true, region.as_str())));
        self.filter.regions = regions;
        if self.filter.regions.is_empty() {
            self.filter.regions.extend(NOWHERE.parse::<Region>().ok());
            self.query.push(("region", NOWHERE.to_owned()));
            self.plain(" in a region of that name", "in an unknown region");
        }
    }

    async fn accounts(&mut self, ctx: &Context, scope: &Scope, names: &[String]) -> Result<(), ToolError> {
        let wanted: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
        let known = account_list(&ctx.db, scope).await?;
        let found: Vec<_> = known.into_iter().filter(|one| wanted.contains(&one.name.to_lowercase())).collect();
        if found.is_empty() {
            self.filter.accounts.push(AccountId(uuid::Uuid::nil()));
            self.query.push(("account", uuid::Uuid::nil().to_string()));
            self.plain(" in an account of that name", "in an unknown account");
            return Ok(());
        }
        let ids: Vec<_> = found.iter().map(|account| account.id.to_string()).collect();
        self.query.push(("account", ids.join(",")));
        self.names(" in the account ", "account asked about", found.iter().map(|account| account.name.as_str()));
        self.filter.accounts = found.iter().map(|account| account.id).collect();
        Ok(())
    }

    fn ids(&mut self, key: &'static str, words: &'static str, prefix: &str, ids: &[String]) {
        if ids.is_empty() {
            return;
        }
        let proper = |id: &&String| {
            let rest = id.strip_prefix(prefix).unwrap_or_default();
            (1..=32).contains(&rest.len()) && rest.bytes().all(|sign| sign.is_ascii_alphanumeric())
        };
        self.query.push((key, ids.join(",")));
        let (slot, about) = match key {
            "bundle" => (&mut self.filter.bundles, "bundle asked about"),
            _ => (&mut self.filter.directories, "directory asked about"),
        };
        *slot = ids.to_vec();
        if ids.iter().any(|id| proper(&id)) {
            self.names(words, about, ids.iter().filter(proper).map(String::as_str));
        } else {
            self.plain(&format!(" of a {key} of that name"), &format!("of an unknown {key}"));
        }
    }

    /// Values of which the known ones are words of ours.
    fn known<'a>(&mut self, key: &'static str, words: &str, values: impl Iterator<Item = (bool, &'a str)>) {
        let values: Vec<_> = values.collect();
        if values.is_empty() {
            return;
        }
        self.query.push((key, values.iter().map(|(_, value)| *value).collect::<Vec<_>>().join(",")));
        self.pieces.push(Piece::Words(words.to_owned()));
        for (at, (known, value)) in values.into_iter().enumerate() {
            self.or(at);
            if known {
                self.pieces.push(Piece::Words(value.to_owned()));
                self.labels.push(value.to_owned());
                self.context.push(value.to_lowercase());
            } else {
                self.pieces.push(Piece::Text("value asked about", value.to_owned()));
            }
        }
    }

    fn names<'a>(&mut self, words: &str, about: &'static str, names: impl Iterator<Item = &'a str>) {
        self.pieces.push(Piece::Words(words.to_owned()));
        for (at, name) in names.enumerate() {
            self.or(at);
            self.pieces.push(Piece::Text(about, name.to_owned()));
            self.labels.push(name.to_owned());
        }
    }

    fn or(&mut self, at: usize) {
        if at > 0 {
            self.pieces.push(Piece::Words(" or ".to_owned()));
        }
    }

    fn plain(&mut self, words: &str, label: &str) {
        self.pieces.push(Piece::Words(words.to_owned()));
        self.labels.push(label.to_owned());
    }
}

/// `There are 12 WorkSpaces in state STOPPED`, without its full stop; of none, `There are no WorkSpaces in state STOPPED`.
pub(super) fn there_are(facts: &mut Facts, narrow: &Narrow, count: u64, words: &str) -> Sentence {
    let total = facts.add("WorkSpaces that fit", &[], domain::assistant::FactValue::Count(count));
    let begin = if count == 1 { "There is " } else { "There are " };
    let begin = Sentence::new().words(begin).fact_or_no(total).words(format!(" {}", super::say::desktops(count)));
    joined(begin, narrow.said(facts)).words(words)
}
