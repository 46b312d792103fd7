//! What happened in the words of the API and of exports: one shape for every kind.

use domain::ids::TrailEventId;
use domain::timeline::TimelineKind;
use store::repo::timeline::TimelineFact;

/// What happened, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its id, unique among all kinds.
    pub id: String,
    /// The kind.
    pub kind: TimelineKind,
    /// What it was: `state`, the field of the configuration, the action, the call.
    pub what: String,
    /// The tag's key.
    pub name: Option<String>,
    /// How it was.
    pub before: Option<String>,
    /// How it is since.
    pub after: Option<String>,
    /// Who did it, where that is known.
    pub who: Option<String>,
    /// The event in AWS.
    pub trail_event_id: Option<TrailEventId>,
}

impl Told {
    /// A fact in words.
    #[must_use]
    pub fn of(fact: &TimelineFact) -> Self {
        let kind = fact.kind();
        let id = format!("{kind}-{}", fact.id());
        let plain = Self {
            id,
            kind,
            what: String::new(),
            name: None,
            before: None,
            after: None,
            who: None,
            trail_event_id: None,
        };
        match fact {
            TimelineFact::State { before, after, .. } => Self {
                what: "state".to_owned(),
                before: before.as_ref().map(|state| state.as_str().to_owned()),
                after: Some(after.as_str().to_owned()),
                ..plain
            },
            TimelineFact::Configuration { field, name, before, after, .. } => Self {
                what: field.to_string(),
                name: name.clone(),
                before: before.clone(),
                after: after.clone(),
                ..plain
            },
            TimelineFact::Action { record, who, .. } => {
                let what = record.action.strip_prefix("workspace.").unwrap_or(&record.action).to_owned();
                Self { what, who: who.clone(), ..plain }
            }
            TimelineFact::Aws { id, name, actor, .. } => Self {
                what: name.clone(),
                who: Some(actor.clone()).filter(|actor| !actor.is_empty()),
                trail_event_id: Some(*id),
                ..plain
            },
        }
    }
}
