//! Cost Explorer against the ledger, and both against the tariff and the truth.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Client, wednesday};
use crate::{SimOptions, Simulator, pricing::tariff};

/// Alive, no limit, standing at Wednesday 2026-01-14 15:00 UTC.
fn simulator(workspaces: usize) -> Simulator {
    let mut options = SimOptions::new(workspaces, 7, std::sync::Arc::new(wednesday));
    options.throttle = None;
    Simulator::new(options)
}

/// 1e-10 units of a decimal.
fn e10(value: &Value) -> i128 {
    let text = value.as_str().unwrap();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<10}").parse().unwrap()
}

async fn ask(client: &Client, operation: &str, body: Value) -> super::Answer {
    client.target(&format!("AWSInsightsIndexService.{operation}"), body.to_string()).await
}

fn usage(from: &str, to: &str, granularity: &str) -> Value {
    json!({ "TimePeriod": { "Start": from, "End": to }, "Granularity": granularity, "Metrics": ["UnblendedCost", "UsageQuantity"] })
}

fn workspaces_only(mut body: Value) -> Value {
    body["Filter"] = json!({ "Dimensions": { "Key": "SERVICE", "Values": ["Amazon WorkSpaces"] } });
    body
}

fn by(mut body: Value, groups: &[(&str, &str)]) -> Value {
    body["GroupBy"] = groups.iter().map(|(kind, key)| json!({ "Type": kind, "Key": key })).collect();
    body
}

/// All rows of all pages: start of the period, keys, amount; and the number of pages.
async fn rows(client: &Client, body: Value) -> (Vec<(String, Vec<String>, i128)>, usize) {
    let (mut rows, mut pages, mut token) = (Vec::new(), 0, Value::Null);
    loop {
        let mut body = body.clone();
        if !token.is_null() {
            body["NextPageToken"] = token;
        }
        let answer = ask(client, "GetCostAndUsage", body).await.good();
        pages += 1;
        for result in answer["ResultsByTime"].as_array().unwrap() {
            let start = result["TimePeriod"]["Start"].as_str().unwrap().to_owned();
            if !result["Total"]["UnblendedCost"].is_null() {
                rows.push((start.clone(), Vec::new(), e10(&result["Total"]["UnblendedCost"]["Amount"])));
            }
            for group in result["Groups"].as_array().unwrap() {
                let keys = group["Keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned());
                rows.push((start.clone(), keys.collect(), e10(&group["Metrics"]["UnblendedCost"]["Amount"])));
            }
        }
        token = answer["NextPageToken"].clone();
        if token.is_null() {
            return (rows, pages);
        }
    }
}

fn total(rows: &[(String, Vec<String>, i128)]) -> i128 {
    rows.iter().map(|(_, _, amount)| amount).sum()
}

async fn ledger(client: &Client, region: &str, month: &str) -> Value {
    client
        .control("GET", &format!("ledger?account=123456789012&region={region}&month={month}"), json!(null))
        .await
        .good()
}

#[tokio::test]
async fn every_way_to_add_up_a_month_gives_the_ledgers_total() {
    let client = Client::new(&simulator(120));
    let (mut by_desktops, mut by_days, mut by_types) = (0, 0, BTreeMap::new());
    for region in ["us-east-1", "eu-central-1"] {
        let ledger = ledger(&client, region, "2025-12").await;
        for line in ledger["workspaces"].as_array().unwrap() {
            by_desktops += e10(&line["cost"]["total"]);
        }
        for day in ledger["cost"]["days"].as_array().unwrap() {
            assert_eq!(day["estimated"], false);
            by_days += e10(&day["amount"]);
            let keys = vec![region.to_owned(), day["usage_type"].as_str().unwrap().to_owned()];
            *by_types.entry((day["day"].as_str().unwrap().to_owned(), keys)).or_insert(0) += e10(&day["amount"]);
        }
    }
    assert!(by_desktops > 1_000 * 10_000_000_000);
    assert_eq!(by_desktops, by_days);

    let daily = workspaces_only(usage("2025-12-01", "2026-01-01", "DAILY"));
    assert_eq!(total(&rows(&client, daily.clone()).await.0), by_days);
    let (grouped, _) = rows(&client, by(daily.clone(), &[("DIMENSION", "REGION"), ("DIMENSION", "USAGE_TYPE")])).await;
    let grouped: BTreeMap<_, _> = grouped.into_iter().map(|(day, keys, amount)| ((day, keys), amount)).collect();
    assert_eq!(grouped, by_types);
    for tag in ["Team", "CostCenter", "Owner", "nobody has this"] {
        let (tagged, _) = rows(&client, by(daily.clone(), &[("TAG", tag)])).await;
        assert_eq!(total(&tagged), by_days, "{tag}");
        assert!(tagged.iter().any(|(_, keys, _)| *keys == [format!("{tag}$")]), "{tag}: some are untagged");
    }
    let monthly = workspaces_only(usage("2025-12-01", "2026-01-01", "MONTHLY"));
    let (monthly, _) = rows(&client, monthly).await;
    assert_eq!(monthly, [("2025-12-01".to_owned(), Vec::new(), by_days)]);
}

#[tokio::test]
async fn desktops_without_changes_pay_by_the_tariff() {
    let simulator = simulator(150);
    let client = Client::new(&simulator);
    let ledger = ledger(&client, "us-east-1", "2025-12").await;
    let fleet = simulator.fleet("123456789012", "us-east-1");
    let cent = i128::from(crate::pricing::E10_PER_CENT);
    let (mut always_on, mut auto_stop) = (0, 0);
    for line in ledger["workspaces"].as_array().unwrap() {
        let desktop = fleet.ever(line["workspace_id"].as_str().unwrap()).unwrap();
        let whole_month = desktop.created_ms < 1_764_547_200_000 && desktop.terminated_ms.is_none();
        let compute = tariff::compute(desktop.compute);
        if !whole_month || !desktop.past.is_empty() {
            continue;
        }
        let system = fleet.bundle_of(desktop).kind.operating_system;
        let rates = tariff::rates("us-east-1", compute, tariff::Edition::of(system));
        let more = u32::saturating_sub(desktop.root_gib, compute.root_gib)
            + u32::saturating_sub(desktop.user_gib, compute.user_gib);
        let volumes = i64::from(more) * rates.gigabyte;
        let hours = line["figures"]["billed_hours"].as_i64().unwrap();
        let cents = match desktop.running_mode.as_str() {
            "ALWAYS_ON" => {
                always_on += 1;
                assert_eq!(hours, 0);
                rates.monthly
            }
            "AUTO_STOP" => {
                auto_stop += i32::from(hours > 0);
                rates.fee + hours * rates.hourly
            }
            _ => rates.core,
        };
        assert_eq!(e10(&line["cost"]["total"]), i128::from(cents + volumes) * cent, "{line}");
    }
    assert!(always_on > 10 && auto_stop > 30, "{always_on} {auto_stop}");
}

#[tokio::test]
async fn filters_choose_and_leave_out() {
    let client = Client::new(&simulator(60));
    let all = usage("2025-11-01", "2026-01-01", "MONTHLY");
    let everything = total(&rows(&client, all.clone()).await.0);
    let part = async |filter: Value| {
        let mut body = all.clone();
        body["Filter"] = filter;
        total(&rows(&client, body).await.0)
    };
    let service = json!({ "Dimensions": { "Key": "SERVICE", "Values": ["Amazon WorkSpaces"] } });
    let (ours, others) = (part(service.clone()).await, part(json!({ "Not": service })).await);
    assert!(ours > 0 && others > 0);
    assert_eq!(ours + others, everything);
    let region = |name: &str| json!({ "Dimensions": { "Key": "REGION", "Values": [name] } });
    let here = part(json!({ "And": [service, region("us-east-1")] })).await;
    let there = part(json!({ "And": [service, region("eu-central-1")] })).await;
    assert!(here > 0 && there > 0);
    assert_eq!(here + there, ours);
    assert_eq!(part(region("ap-south-1")).await, 0);
    let team = json!({ "Tags": { "Key": "Team", "Values": ["Finance"] } });
    let finance = part(json!({ "And": [service, team] })).await;
    let rest = part(json!({ "And": [service, { "Not": team }] })).await;
    assert!(finance < ours && finance + rest == ours);
}

#[tokio::test]
async fn long_answers_come_in_pages_bound_to_their_question() {
    let client = Client::new(&simulator(120));
    let body = by(usage("2025-09-01", "2026-01-01", "DAILY"), &[("DIMENSION", "USAGE_TYPE"), ("DIMENSION", "REGION")]);
    let (paged, pages) = rows(&client, body.clone()).await;
    assert!(pages > 1 && paged.len() > 1_000, "{pages} {}", paged.len());
    let whole = total(&rows(&client, usage("2025-09-01", "2026-01-01", "DAILY")).await.0);
    assert_eq!(total(&paged), whole);
    let mut keys: Vec<_> = paged.iter().map(|(day, keys, _)| (day, keys)).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), paged.len(), "no row twice");

    let token = ask(&client, "GetCostAndUsage", body.clone()).await.good()["NextPageToken"].clone();
    let mut changed = by(body.clone(), &[("DIMENSION", "USAGE_TYPE")]);
    changed["NextPageToken"] = token;
    assert_eq!(ask(&client, "GetCostAndUsage", changed).await.code(), "RequestChangedException");
    let mut bad = body;
    bad["NextPageToken"] = json!("guess");
    assert_eq!(ask(&client, "GetCostAndUsage", bad).await.code(), "InvalidNextTokenException");
}

#[tokio::test]
async fn an_open_day_grows_until_it_is_final_and_never_after() {
    let simulator = simulator(100);
    let client = Client::new(&simulator);
    let body = workspaces_only(usage("2026-01-14", "2026-01-15", "DAILY"));
    let mut seen = Vec::new();
    for _ in 0..24 {
        let answer = ask(&client, "GetCostAndUsage", body.clone()).await.good();
        let day = &answer["ResultsByTime"][0];
        seen.push((day["Estimated"].as_bool().unwrap(), e10(&day["Total"]["UnblendedCost"]["Amount"])));
        simulator.advance(TimeDelta::hours(6));
    }
    assert!(seen.is_sorted_by_key(|(_, amount)| *amount), "{seen:?}");
    let (first_final, amount) = *seen.iter().find(|(estimated, _)| !estimated).unwrap();
    assert!(!first_final && seen[0].0 && seen[0].1 < amount);
    assert!(seen.iter().all(|(estimated, grown)| *estimated || *grown == amount), "{seen:?}");
    // 2026-01-17 00:00 is 57 hours after the clock's start.
    assert_eq!(seen.iter().filter(|(estimated, _)| *estimated).count(), 10);
}

#[tokio::test]
async fn a_change_to_always_on_counts_from_its_day_and_back_from_the_next_month() {
    let simulator = simulator(60);
    let client = Client::new(&simulator);
    let id = client.find("STOPPED", "AUTO_STOP", 1).await.remove(0);
    let change = async |mode: &str| {
        let body = json!({ "WorkspaceId": id, "WorkspaceProperties": { "RunningMode": mode } });
        client.ask("ModifyWorkspaceProperties", body).await.good();
    };
    let costs = async |month: &str| {
        let ledger = ledger(&client, "us-east-1", month).await;
        let line =
            ledger["workspaces"].as_array().unwrap().iter().find(|line| line["workspace_id"] == *id).unwrap().clone();
        let items = line["cost"]["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .map(|item| (item["usage_type"].as_str().unwrap().to_owned(), e10(&item["amount"])))
            .collect::<BTreeMap<_, _>>()
    };
    change("ALWAYS_ON").await;
    simulator.advance(TimeDelta::days(2));
    change("AUTO_STOP").await;
    simulator.advance(TimeDelta::days(60));
    let (rates, number) = {
        let fleet = simulator.fleet("123456789012", "us-east-1");
        let desktop = fleet.ever(&id).unwrap();
        let compute = tariff::compute(desktop.compute);
        let edition = tariff::Edition::of(fleet.bundle_of(desktop).kind.operating_system);
        (tariff::rates("us-east-1", compute, edition), compute.number)
    };
    let cent = crate::pricing::E10_PER_CENT;
    let january = costs("2026-01").await;
    let monthly = *january.iter().find(|(name, _)| name.ends_with(&format!("-{number}"))).unwrap().1;
    // 14 to 31 January: 18 of 31 days.
    let exact = rates.monthly as f64 * cent as f64 * 18.0 / 31.0;
    assert!((monthly as f64 - exact).abs() <= 1.0, "{monthly} {exact}");
    let fee = january.iter().find(|(name, _)| name.ends_with("-AutoStop-User")).unwrap().1;
    assert_eq!(*fee, i128::from(rates.fee * cent), "the fee stays");
    let february = costs("2026-02").await;
    assert!(!february.keys().any(|name| name.ends_with(&format!("-{number}"))), "{february:?}");
    assert_eq!(
        *february.iter().find(|(name, _)| name.ends_with("-AutoStop-User")).unwrap().1,
        i128::from(rates.fee * cent)
    );
}

#[tokio::test]
async fn wrong_questions_are_refused_as_at_aws() {
    let client = Client::new(&simulator(30));
    let good = usage("2025-12-01", "2026-01-01", "DAILY");
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    let group = |key: &str| json!({ "Type": "DIMENSION", "Key": key });
    for (what, body, code) in [
        ("start after end", usage("2026-01-01", "2026-01-01", "DAILY"), "ValidationException"),
        ("no date", usage("yesterday", "2026-01-01", "DAILY"), "ValidationException"),
        ("hours", with("Granularity", json!("HOURLY")), "ValidationException"),
        ("weeks", with("Granularity", json!("WEEKLY")), "ValidationException"),
        ("15 months back", usage("2024-10-01", "2025-01-01", "MONTHLY"), "ValidationException"),
        ("tomorrow", usage("2026-01-15", "2026-01-16", "DAILY"), "DataUnavailableException"),
        ("the month after next", usage("2026-01-01", "2026-02-02", "DAILY"), "ValidationException"),
        ("no metric", with("Metrics", json!([])), "ValidationException"),
        ("an unknown metric", with("Metrics", json!(["Cost"])), "ValidationException"),
        (
            "three groups",
            with("GroupBy", json!([group("REGION"), group("SERVICE"), group("OPERATION")])),
            "ValidationException",
        ),
        ("an unknown group", with("GroupBy", json!([group("COLOUR")])), "ValidationException"),
        ("a wrong filter", with("Filter", json!({ "Xor": [] })), "ValidationException"),
    ] {
        assert_eq!(ask(&client, "GetCostAndUsage", body).await.code(), code, "{what}");
    }
    ask(&client, "GetCostAndUsage", usage("2024-11-01", "2024-12-01", "DAILY")).await.good();
    let denied = client.control("PUT", "faults", json!({ "faults": ["deny:GetCostAndUsage"] })).await;
    assert_eq!(denied.status, 200);
    let answer = ask(&client, "GetCostAndUsage", good).await;
    assert_eq!(answer.code(), "AccessDeniedException");
    assert!(answer.text.contains("ce:GetCostAndUsage"), "{}", answer.text);
}

#[tokio::test]
async fn forecasts_continue_the_last_weeks_and_dimensions_are_listed() {
    let client = Client::new(&simulator(60));
    let body = json!({ "TimePeriod": { "Start": "2026-01-15", "End": "2026-03-01" }, "Metric": "UNBLENDED_COST",
        "Granularity": "MONTHLY", "PredictionIntervalLevel": 90 });
    let forecast = ask(&client, "GetCostForecast", body.clone()).await.good();
    let parts = forecast["ForecastResultsByTime"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0]["TimePeriod"], json!({ "Start": "2026-01-15", "End": "2026-02-01" }));
    let sum: i128 = parts.iter().map(|part| e10(&part["MeanValue"])).sum();
    assert_eq!(sum, e10(&forecast["Total"]["Amount"]));
    let december = total(&rows(&client, usage("2025-12-01", "2026-01-01", "MONTHLY")).await.0);
    let february = e10(&parts[1]["MeanValue"]);
    assert!(february > december / 2 && february < december * 2, "{february} {december}");
    assert!(e10(&parts[1]["PredictionIntervalLowerBound"]) < february);
    let mut past = body;
    past["TimePeriod"]["Start"] = json!("2026-01-01");
    assert_eq!(ask(&client, "GetCostForecast", past).await.code(), "ValidationException");

    let period = json!({ "Start": "2025-12-01", "End": "2026-01-01" });
    let services =
        ask(&client, "GetDimensionValues", json!({ "TimePeriod": period, "Dimension": "SERVICE" })).await.good();
    let names: Vec<&str> =
        services["DimensionValues"].as_array().unwrap().iter().filter_map(|v| v["Value"].as_str()).collect();
    assert_eq!(names, ["AWS Directory Service", "Amazon WorkSpaces", "AmazonCloudWatch", "EC2 - Other"]);
    let tags = ask(&client, "GetTags", json!({ "TimePeriod": period })).await.good();
    assert!(tags["Tags"].as_array().unwrap().contains(&json!("CostCenter")));
    let teams = ask(&client, "GetTags", json!({ "TimePeriod": period, "TagKey": "Team" })).await.good();
    assert!(teams["Tags"].as_array().unwrap().contains(&json!("Finance")), "{teams}");
}

#[tokio::test]
async fn more_volume_and_more_compute_cost_more_from_their_day() {
    let simulator = simulator(60);
    let client = Client::new(&simulator);
    let rows = client.rows().await;
    let id = rows
        .iter()
        .find(|row| {
            let properties = &row["WorkspaceProperties"];
            row["State"] == "AVAILABLE"
                && properties["RunningMode"] == "ALWAYS_ON"
                && properties["ComputeTypeName"] == "STANDARD"
                && properties["UserVolumeSizeGib"] == 50
        })
        .unwrap()["WorkspaceId"]
        .clone();
    let wanted = json!({ "UserVolumeSizeGib": 100 });
    client.ask("ModifyWorkspaceProperties", json!({ "WorkspaceId": id, "WorkspaceProperties": wanted })).await.good();
    simulator.advance(TimeDelta::days(5));
    let wanted = json!({ "ComputeTypeName": "POWER" });
    client.ask("ModifyWorkspaceProperties", json!({ "WorkspaceId": id, "WorkspaceProperties": wanted })).await.good();
    simulator.advance(TimeDelta::days(20));
    let ledger = ledger(&client, "us-east-1", "2026-01").await;
    let line = ledger["workspaces"].as_array().unwrap().iter().find(|line| line["workspace_id"] == id).unwrap();
    let items = line["cost"]["items"].as_array().unwrap();
    let amount = |usage_type: &str| {
        e10(&items.iter().find(|item| item["usage_type"] == usage_type).unwrap_or_else(|| panic!("{line}"))["amount"])
    };
    let (standard, power, volume) = (amount("AW-HW-2"), amount("AW-HW-8"), amount("AW-UserVolume-GB"));
    // STANDARD on the 1st to the 18th, POWER from the 19th; 50 GiB more from the 14th to the 18th, POWER includes them.
    let near = |amount: i128, dollars: f64, days: f64| (amount as f64 - dollars * 1e10 * days / 31.0).abs() <= 1.0;
    assert!(near(standard, 35.0, 18.0) && near(power, 78.0, 13.0) && near(volume, 5.0, 5.0), "{line}");
}
