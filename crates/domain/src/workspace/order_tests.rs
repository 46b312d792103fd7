//! Orders: their values, what a WorkSpace is beside them, and what a lost answer leaves open.

use super::order::{AfterLoss, Present, Volume, WorkspaceOrder, after_lost_answer, check_order};
use super::rules::Refusal;
use super::{ComputeType, ObservedWorkspace, RunningMode, WorkspaceAction, WorkspaceState as S};

fn seen(state: S) -> ObservedWorkspace {
    ObservedWorkspace {
        aws_id: "ws-1".into(),
        directory_id: "d-1".into(),
        bundle_id: "wsb-1".into(),
        user_name: "ada".into(),
        state,
        computer_name: None,
        ip_address: None,
        subnet_id: None,
        error_code: None,
        error_message: None,
        running_mode: Some(RunningMode::AutoStop),
        auto_stop_timeout_minutes: Some(60),
        compute_type: Some(ComputeType::Standard),
        root_volume_gib: Some(80),
        user_volume_gib: Some(50),
        protocol: None,
        operating_system: None,
        root_volume_encrypted: false,
        user_volume_encrypted: false,
    }
}

fn mode(running_mode: RunningMode, auto_stop_minutes: Option<i32>) -> WorkspaceOrder {
    WorkspaceOrder::SetRunningMode { running_mode, auto_stop_minutes }
}

fn compute(name: &str) -> WorkspaceOrder {
    WorkspaceOrder::SetComputeType { compute_type: name.into() }
}

fn grow(volume: Volume, gib: i32) -> WorkspaceOrder {
    WorkspaceOrder::GrowVolume { volume, gib }
}

fn tags(set: &[(&str, &str)], remove: &[&str]) -> WorkspaceOrder {
    WorkspaceOrder::SetTags {
        set: set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        remove: remove.iter().map(|key| (*key).to_owned()).collect(),
    }
}

#[test]
fn values_that_make_no_sense_are_named() {
    let long = "x".repeat(128);
    let value = "y".repeat(256);
    let cases = [
        (mode(RunningMode::AutoStop, Some(90)), "auto_stop_minutes"),
        (mode(RunningMode::AutoStop, Some(0)), "auto_stop_minutes"),
        (mode(RunningMode::AutoStop, Some(-60)), "auto_stop_minutes"),
        (mode(RunningMode::AutoStop, Some(2940)), "auto_stop_minutes"),
        (mode(RunningMode::AlwaysOn, Some(60)), "auto_stop_minutes"),
        (mode("NAPPING".into(), None), "running_mode"),
        (compute("QUANTUM"), "compute_type"),
        (grow(Volume::Root, 100), "gib"),
        (grow(Volume::Root, 2001), "gib"),
        (grow(Volume::User, 75), "gib"),
        (grow(Volume::User, -5), "gib"),
        (tags(&[], &[]), "set"),
        (tags(&[("", "v")], &[]), "set"),
        (tags(&[(&long, "v")], &[]), "set"),
        (tags(&[("Team", &value)], &[]), "set"),
        (tags(&[("AWS:mine", "v")], &[]), "set"),
        (tags(&[("Team", "a\nb")], &[]), "set"),
        (tags(&[], &["aws:theirs"]), "remove"),
        (tags(&[("Team", "a")], &["Team"]), "remove"),
    ];
    for (order, field) in cases {
        assert_eq!(order.check_values().unwrap_err().field, field, "{order:?}");
    }
    let many: Vec<String> = (0..51).map(|number| format!("k{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "v")).collect();
    assert_eq!(tags(&many, &[]).check_values().unwrap_err().field, "set");
    for good in [
        mode(RunningMode::AutoStop, Some(2880)),
        mode(RunningMode::AlwaysOn, None),
        compute("GRAPHICS_G6_XLARGE"),
        grow(Volume::User, 10),
        grow(Volume::User, 2000),
        grow(Volume::Root, 175),
        tags(&many[..50], &["old"]),
        tags(&[(&long[..127], &value[..255])], &[]),
        tags(&[("Größe", "")], &[]),
        WorkspaceOrder::Terminate,
    ] {
        assert_eq!(good.check_values(), Ok(()), "{good:?}");
    }
}

#[test]
fn what_it_is_already_is_not_changed() {
    let present = Present::from(&seen(S::Available));
    for (order, now) in [
        (mode(RunningMode::AutoStop, Some(60)), "AUTO_STOP after 60 min"),
        (mode(RunningMode::AutoStop, None), "AUTO_STOP after 60 min"),
        (compute("STANDARD"), "STANDARD"),
        (grow(Volume::User, 50), "50 GiB"),
    ] {
        assert_eq!(check_order(&order, &present), Err(Refusal::Unchanged { now: now.into() }));
    }
    for order in [mode(RunningMode::AutoStop, Some(120)), mode(RunningMode::AlwaysOn, None), compute("POWER")] {
        assert_eq!(check_order(&order, &present), Ok(()));
    }
    // AWS counts setting a tag to what it is as done.
    assert_eq!(check_order(&tags(&[("Team", "a")], &[]), &present), Ok(()));
}

#[test]
fn volumes_grow_in_aws_s_steps() {
    let sized = |root, user| {
        let mut one = seen(S::Stopped);
        (one.root_volume_gib, one.user_volume_gib) = (Some(root), Some(user));
        Present::from(&one)
    };
    let code = |order, present| check_order(&order, &present).err().map(|refusal| refusal.code());
    assert_eq!(code(grow(Volume::User, 10), sized(80, 50)), Some("volume_size"), "smaller");
    assert_eq!(code(grow(Volume::User, 100), sized(80, 50)), None);
    assert_eq!(code(grow(Volume::User, 200), sized(80, 50)), Some("volume_size"), "beside 80 there is at most 100");
    assert_eq!(code(grow(Volume::User, 200), sized(175, 100)), None);
    assert_eq!(code(grow(Volume::Root, 175), sized(80, 50)), Some("volume_size"), "the user volume comes first");
    assert_eq!(code(grow(Volume::Root, 175), sized(80, 100)), None);
    assert_eq!(code(grow(Volume::Root, 200), sized(300, 100)), Some("volume_size"), "smaller");
}

#[test]
fn graphics_stay_graphics() {
    let present = Present::from(&seen(S::Available));
    assert_eq!(check_order(&compute("GRAPHICS_G4DN"), &present).unwrap_err().code(), "compute_family");
}

#[test]
fn a_lost_answer_is_told_by_what_aws_shows() {
    use AfterLoss::{Again, Done, Gone, Uncertain};
    let after = |order: &WorkspaceOrder, state: S| after_lost_answer(order, Some(&seen(state)));
    let cases = [
        (WorkspaceOrder::Start, vec![(S::Starting, Done), (S::Available, Done), (S::Stopped, Again)]),
        (WorkspaceOrder::Stop, vec![(S::Stopping, Done), (S::Stopped, Done), (S::Available, Again)]),
        (WorkspaceOrder::Reboot, vec![(S::Rebooting, Done), (S::Available, Uncertain)]),
        (
            WorkspaceOrder::Rebuild,
            vec![(S::Rebuilding, Done), (S::Available, Uncertain), (S::Rebooting, Uncertain), (S::Error, Uncertain)],
        ),
        (WorkspaceOrder::Restore, vec![(S::Restoring, Done), (S::Available, Uncertain), (S::Starting, Uncertain)]),
        (WorkspaceOrder::Terminate, vec![(S::Terminating, Done), (S::Terminated, Done), (S::Available, Again)]),
        (compute("POWER"), vec![(S::Updating, Done), (S::Available, Again)]),
        (mode(RunningMode::AlwaysOn, None), vec![(S::Available, Again)]),
        (mode(RunningMode::AutoStop, Some(60)), vec![(S::Available, Done)]),
        (grow(Volume::User, 50), vec![(S::Available, Done)]),
        (tags(&[("Team", "a")], &[]), vec![(S::Available, Again)]),
    ];
    for (order, states) in cases {
        for (state, expected) in states {
            assert_eq!(after(&order, state.clone()), expected, "{order:?} {state}");
        }
        let gone = if order == WorkspaceOrder::Terminate { Done } else { Gone };
        assert_eq!(after_lost_answer(&order, None), gone, "{order:?}");
    }
}

#[test]
fn an_order_is_written_with_the_name_of_its_action() {
    let orders = WorkspaceAction::ALL.iter().filter_map(|action| WorkspaceOrder::plain(*action)).chain([
        mode(RunningMode::AutoStop, Some(120)),
        compute("POWER"),
        grow(Volume::User, 100),
        tags(&[("Team", "a")], &["Old"]),
    ]);
    let mut names = Vec::new();
    for order in orders {
        let text = serde_json::to_value(&order).unwrap();
        assert_eq!(text["action"], order.action().as_str());
        assert_eq!(serde_json::from_value::<WorkspaceOrder>(text).unwrap(), order);
        names.push(order.action());
    }
    assert_eq!(names, WorkspaceAction::ALL);
}
