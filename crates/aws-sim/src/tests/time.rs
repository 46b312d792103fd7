//! States that move with time: commands, auto-stop, people's days.

use chrono::TimeDelta;
use serde_json::json;

use super::{Client, still};
use crate::Simulator;

#[tokio::test]
async fn stop_and_start_take_their_time() {
    let simulator = Simulator::new(still(200));
    let client = Client::new(&simulator);
    let [id] = &client.find("AVAILABLE", "AUTO_STOP", 1).await[..] else { unreachable!() };
    assert_eq!(client.batch("Stop", &[id]).await, []);
    assert_eq!(client.state(id).await.as_deref(), Some("STOPPING"));
    simulator.advance(TimeDelta::seconds(29));
    assert_eq!(client.state(id).await.as_deref(), Some("STOPPING"));
    assert_eq!(client.batch("Start", &[id]).await.len(), 1, "not while it stops");
    simulator.advance(TimeDelta::seconds(1));
    assert_eq!(client.state(id).await.as_deref(), Some("STOPPED"));
    assert_eq!(client.batch("Start", &[id]).await, []);
    simulator.advance(TimeDelta::seconds(44));
    assert_eq!(client.state(id).await.as_deref(), Some("STARTING"));
    simulator.advance(TimeDelta::seconds(1));
    assert_eq!(client.state(id).await.as_deref(), Some("AVAILABLE"));
}

#[tokio::test]
async fn one_option_makes_every_change_quick() {
    let mut options = still(200);
    options.transition = Some(std::time::Duration::from_secs(4));
    let simulator = Simulator::new(options);
    let client = Client::new(&simulator);
    let [id] = &client.find("AVAILABLE", "ALWAYS_ON", 1).await[..] else { unreachable!() };
    for (verb, state) in [("Reboot", "REBOOTING"), ("Rebuild", "REBUILDING")] {
        assert_eq!(client.batch(verb, &[id]).await, []);
        assert_eq!(client.state(id).await.as_deref(), Some(state));
        simulator.advance(TimeDelta::seconds(4));
        assert_eq!(client.state(id).await.as_deref(), Some("AVAILABLE"));
    }
    assert_eq!(client.batch("Terminate", &[id]).await, []);
    assert_eq!(client.state(id).await.as_deref(), Some("TERMINATING"));
    simulator.advance(TimeDelta::seconds(4));
    assert_eq!(client.state(id).await, None);
    assert_eq!(client.ask("DescribeTags", json!({ "ResourceId": id })).await.code(), "ResourceNotFoundException");
    assert_eq!(client.batch("Reboot", &[id]).await, [(id.clone(), "ResourceNotFound.Workspace".to_owned())]);
    assert_eq!(client.rows().await.len(), 139);
}

#[tokio::test]
async fn a_started_desktop_nobody_uses_stops_by_itself() {
    let mut options = still(400);
    options.alive = true;
    let simulator = Simulator::new(options);
    let client = Client::new(&simulator);
    // Saturday, one in the morning in New York: nobody comes for some hours.
    simulator.advance(TimeDelta::hours(63));
    let stopped = client.find("STOPPED", "AUTO_STOP", 60).await;
    let ids: Vec<&str> = stopped.iter().map(String::as_str).take(25).collect();
    assert_eq!(client.batch("Start", &ids).await, []);
    simulator.advance(TimeDelta::minutes(2));
    for id in &ids {
        assert_eq!(client.state(id).await.as_deref(), Some("AVAILABLE"));
    }
    simulator.advance(TimeDelta::minutes(182));
    let mut back = 0;
    for id in &ids {
        back += usize::from(client.state(id).await.as_deref() == Some("STOPPED"));
    }
    assert!(back >= 23, "{back} of 25 have stopped again");
}

#[tokio::test]
async fn the_fleet_follows_the_day() {
    let mut options = still(700);
    options.alive = true;
    options.regions.truncate(1);
    let simulator = Simulator::new(options);
    let available = || simulator.states().get("AVAILABLE").copied().unwrap_or_default();
    let afternoon = available();
    simulator.advance(TimeDelta::hours(16));
    let night = available();
    simulator.advance(TimeDelta::hours(8));
    assert_eq!(simulator.states().values().sum::<usize>(), 700);
    let next_afternoon = available();
    assert!(afternoon > night + 150, "{afternoon} at ten in New York, {night} at two in the night");
    assert!(next_afternoon > night + 150, "{next_afternoon} a day later");
}

#[tokio::test]
async fn the_clock_alone_decides() {
    let mut options = still(300);
    options.alive = true;
    let (one, other) = (Simulator::new(options.clone()), Simulator::new(options));
    one.advance(TimeDelta::hours(5));
    one.advance(TimeDelta::hours(-2));
    other.advance(TimeDelta::hours(3));
    assert_eq!(Client::new(&one).rows().await, Client::new(&other).rows().await);
}
