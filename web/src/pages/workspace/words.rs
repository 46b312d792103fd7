//! What happened, in words. Pure.

use chrono::{DateTime, Utc};
use contract::timeline::{TimelineItemView, TimelineLeftOutView};
use contract::trail::TrailPlaceView;
use domain::timeline::{ConfigurationField, TimelineKind, TimelineOutcome};

use crate::components::charts::data::plain;
use crate::components::ui::badge::{Glyph, Tone};
use crate::format::{aws_words, decimal, sentence};

/// What a kind is called.
pub fn kind_words(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::State => "States",
        TimelineKind::Configuration => "Configuration",
        TimelineKind::Action => "Asked for here",
        TimelineKind::Aws => "Calls of AWS",
    }
}

/// The meaning and shape of an outcome, with its words.
pub fn outcome_look(outcome: TimelineOutcome) -> (Tone, Glyph, &'static str) {
    match outcome {
        TimelineOutcome::Done => (Tone::Success, Glyph::Tick, "Done"),
        TimelineOutcome::Refused => (Tone::Warning, Glyph::Bars, "Refused"),
        TimelineOutcome::Failed => (Tone::Danger, Glyph::Cross, "Failed"),
        TimelineOutcome::Cancelled => (Tone::Neutral, Glyph::Dash, "Cancelled"),
        TimelineOutcome::Waiting => (Tone::Info, Glyph::Turning, "Under way"),
        TimelineOutcome::Unknown => (Tone::Neutral, Glyph::Ring, "Not known any more"),
    }
}

/// What a part of the configuration is called.
pub fn field_words(field: ConfigurationField) -> &'static str {
    match field {
        ConfigurationField::Bundle => "Bundle",
        ConfigurationField::RunningMode => "Running mode",
        ConfigurationField::AutoStopTimeout => "Stops after",
        ConfigurationField::ComputeType => "Compute type",
        ConfigurationField::RootVolume => "Root volume",
        ConfigurationField::UserVolume => "User volume",
        ConfigurationField::RootVolumeEncrypted => "Encryption of the root volume",
        ConfigurationField::UserVolumeEncrypted => "Encryption of the user volume",
        ConfigurationField::Protocol => "Protocol",
        ConfigurationField::OperatingSystem => "Operating system",
        ConfigurationField::ComputerName => "Computer name",
        ConfigurationField::Subnet => "Subnet",
        ConfigurationField::Tag => "Tag",
    }
}

/// A value of that part.
fn value_words(field: ConfigurationField, value: &str) -> String {
    match field {
        ConfigurationField::RunningMode
        | ConfigurationField::ComputeType
        | ConfigurationField::Protocol
        | ConfigurationField::OperatingSystem => aws_words(value),
        ConfigurationField::AutoStopTimeout => format!("{value} min"),
        ConfigurationField::RootVolume | ConfigurationField::UserVolume => format!("{value} GiB"),
        ConfigurationField::RootVolumeEncrypted | ConfigurationField::UserVolumeEncrypted => {
            if value == "true" { "on" } else { "off" }.to_owned()
        }
        _ => value.to_owned(),
    }
}

/// What happened, and what there is to say of it besides; not of states, which are shown as such.
pub fn item_words(item: &TimelineItemView) -> (String, Option<String>) {
    match item.kind {
        TimelineKind::Configuration => match item.what.parse::<ConfigurationField>() {
            Ok(field) => (field_title(field, item), Some(change_words(field, item))),
            Err(_) => (sentence(&item.what.replace('_', " ")), None),
        },
        TimelineKind::Action => (sentence(&item.what.replace('_', " ")), item.who.clone()),
        TimelineKind::State | TimelineKind::Aws => (item.what.clone(), item.who.clone()),
    }
}

fn field_title(field: ConfigurationField, item: &TimelineItemView) -> String {
    match &item.name {
        Some(name) => format!("{} {name}", field_words(field)),
        None => field_words(field).to_owned(),
    }
}

fn change_words(field: ConfigurationField, item: &TimelineItemView) -> String {
    let words = |value: &Option<String>| value.as_deref().map(|value| value_words(field, value));
    match (words(&item.before), words(&item.after)) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("added: {after}"),
        (Some(before), None) => format!("removed, was {before}"),
        (None, None) => "changed".to_owned(),
    }
}

/// What is left out, a sentence for each.
pub fn left_out_words(left_out: &[TimelineLeftOutView]) -> Vec<String> {
    let sentence = |out: &TimelineLeftOutView| {
        let needs: Vec<_> = out.needs.iter().map(|permission| permission.as_str()).collect();
        let what = match out.kind {
            TimelineKind::State => "Its states are",
            TimelineKind::Configuration => "Changes of its configuration are",
            TimelineKind::Action => "What was asked for here is",
            TimelineKind::Aws => "Calls of AWS are",
        };
        format!("{what} not shown: that needs the permission {} on this WorkSpace.", needs.join(" or "))
    };
    left_out.iter().map(sentence).collect()
}

/// How far calls of AWS are known.
pub fn coverage_words(place: &TrailPlaceView, now: DateTime<Utc>) -> String {
    let day = |at: DateTime<Utc>| at.format("%-d %b %Y").to_string();
    let (Some(from), Some(to)) = (place.from, place.to) else {
        return "Calls of AWS were not read yet.".to_owned();
    };
    let until = if now - to < chrono::TimeDelta::days(1) { "on".to_owned() } else { format!("to {}", day(to)) };
    let gaps = match place.gaps.as_slice() {
        [] => String::new(),
        [gap] => format!("; {} – {} is missing: {}", day(gap.from), day(gap.to), gap.reason),
        gaps => format!("; {} stretches of time are missing", gaps.len()),
    };
    format!("Calls of AWS are known from {} {until}{gaps}.", day(from))
}

/// What a charge is called.
pub fn charge_words(charge: &str) -> String {
    match charge {
        "monthly" => "Monthly fee".to_owned(),
        "auto_stop_fee" => "Monthly fee of AutoStop".to_owned(),
        "auto_stop_hour" => "Hours connected".to_owned(),
        "volume" => "Storage beyond the bundle's".to_owned(),
        other => sentence(&other.replace('_', " ")),
    }
}

/// A quantity of a charge with its unit.
pub fn quantity_words(charge: &str, quantity: &str) -> String {
    // Two decimals are enough to be recognised by; the amount is reckoned from all of them.
    let number = quantity.parse::<f64>().map_or_else(|_| quantity.to_owned(), |number| decimal(&plain(number)));
    let unit = match charge {
        "auto_stop_hour" => "h",
        "volume" => "GB-months",
        _ => "months",
    };
    format!("{number} {unit}")
}

#[cfg(test)]
mod tests {
    use contract::data_sets::DataSetGapView;
    use domain::access::Permission;
    use domain::ids::AccountId;

    use super::*;

    fn item(kind: TimelineKind, what: &str, before: Option<&str>, after: Option<&str>) -> TimelineItemView {
        TimelineItemView {
            id: "x".into(),
            at: DateTime::UNIX_EPOCH,
            kind,
            what: what.into(),
            name: (what == "tag").then(|| "Team".to_owned()),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            who: Some("ada@example.com".into()),
            outcome: None,
            reason: None,
            job_id: None,
            audit_seq: None,
            trail_event_id: None,
        }
    }

    #[test]
    fn changes_are_told_with_their_values() {
        let told = |what: &str, before, after| item_words(&item(TimelineKind::Configuration, what, before, after));
        let pair = |title: &str, words: &str| (title.to_owned(), Some(words.to_owned()));
        assert_eq!(told("root_volume_gib", Some("80"), Some("175")), pair("Root volume", "80 GiB → 175 GiB"));
        assert_eq!(told("tag", None, Some("core")), pair("Tag Team", "added: core"));
        assert_eq!(told("tag", Some("core"), None), pair("Tag Team", "removed, was core"));
        assert_eq!(
            told("user_volume_encrypted", Some("false"), Some("true")),
            pair("Encryption of the user volume", "off → on")
        );
        assert_eq!(told("new_part", None, None), ("New part".to_owned(), None));
        let action = item_words(&item(TimelineKind::Action, "stop", None, None));
        assert_eq!(action, pair("Stop", "ada@example.com"));
    }

    #[test]
    fn what_is_left_out_names_what_it_needs() {
        let out =
            TimelineLeftOutView { kind: TimelineKind::Action, needs: vec![Permission::AuditRead, Permission::JobRead] };
        let words = left_out_words(&[out]);
        assert_eq!(
            words,
            [
                "What was asked for here is not shown: that needs the permission audit:read or job:read on this WorkSpace."
            ]
        );
    }

    #[test]
    fn coverage_is_honest() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-21T09:00:00Z");
        let mut place = TrailPlaceView {
            account_id: AccountId(uuid::Uuid::nil()),
            account: None,
            region: "eu-west-1".parse().unwrap(),
            status: "ok".into(),
            from: Some(at("2026-08-23T00:00:00Z")),
            to: Some(now),
            gaps: vec![],
            error: None,
            missing_permission: None,
        };
        assert_eq!(coverage_words(&place, now), "Calls of AWS are known from 23 Aug 2026 on.");
        place.to = Some(at("2026-11-01T00:00:00Z"));
        let gap = DataSetGapView {
            from: at("2026-09-01T00:00:00Z"),
            to: at("2026-09-02T00:00:00Z"),
            reason: "refused".into(),
        };
        place.gaps = vec![gap];
        assert_eq!(
            coverage_words(&place, now),
            "Calls of AWS are known from 23 Aug 2026 to 1 Nov 2026; 1 Sep 2026 – 2 Sep 2026 is missing: refused."
        );
        place.from = None;
        assert_eq!(coverage_words(&place, now), "Calls of AWS were not read yet.");
    }

    #[test]
    fn charges_have_units() {
        assert_eq!(quantity_words("auto_stop_hour", "42.000"), "42 h");
        assert_eq!(quantity_words("volume", "20.50"), "20.5 GB-months");
        assert_eq!(quantity_words("monthly", "10"), "10 months");
        assert_eq!(quantity_words("monthly", "0.7333333333"), "0.73 months");
        assert_eq!(charge_words("auto_stop_fee"), "Monthly fee of AutoStop");
    }
}
