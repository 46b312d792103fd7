//! The control surface under `/_sim`: plain JSON, no signature, never mixed with AWS's path. The table of its requests
//! is in the crate's documentation; a new one gets a route here and a line there.

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, post, put},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    fault::Fault,
    history::ledger as truth,
    simulator::Simulator,
    throttle::{Throttle, ThrottleSetting},
};

pub(crate) fn router(simulator: Simulator) -> Router {
    Router::new()
        .route("/ledger", get(ledger))
        .route("/faults", put(faults))
        .route("/throttle", put(throttle))
        .route("/advance", post(advance))
        .route("/workspaces/{id}", delete(remove))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .with_state(simulator)
}

/// Which month the ledger of truth is asked for; without one, the ledger is of requests and states.
#[derive(Default, Deserialize)]
struct LedgerQuery {
    account: Option<String>,
    region: Option<String>,
    month: Option<String>,
}

async fn ledger(State(simulator): State<Simulator>, RawQuery(query): RawQuery) -> Response {
    let query: LedgerQuery = serde_urlencoded::from_str(&query.unwrap_or_default()).unwrap_or_default();
    let Some(month) = query.month else { return Json(ledger_body(&simulator)).into_response() };
    let options = &simulator.0.options;
    let account = query.account.or_else(|| Some(options.accounts.first()?.id.clone())).unwrap_or_default();
    let region = query.region.or_else(|| options.regions.first().cloned()).unwrap_or_default();
    match truth::month(&simulator, &account, &region, &month) {
        Some(month) => Json(month).into_response(),
        None => refuse(&"`month` is not of the form `2026-01`"),
    }
}

fn ledger_body(simulator: &Simulator) -> Value {
    let counts = simulator.counts();
    let states = simulator.states();
    json!({
        "now": simulator.now(),
        "requests": counts.values().map(|count| count.requests).sum::<u64>(),
        "throttled": counts.values().map(|count| count.throttled).sum::<u64>(),
        "operations": counts,
        "workspaces": states.values().sum::<usize>(),
        "states": states,
        "throttle": ThrottleSetting(simulator.0.limiter.setting()).to_string(),
        "faults": simulator.0.faults.list(),
    })
}

fn refuse(message: &impl ToString) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": message.to_string() }))).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsBody {
    faults: Vec<String>,
}

async fn faults(State(simulator): State<Simulator>, Json(body): Json<FaultsBody>) -> Response {
    match body.faults.iter().map(|text| text.parse::<Fault>()).collect::<Result<Vec<_>, _>>() {
        Ok(faults) => {
            simulator.set_faults(faults);
            Json(ledger_body(&simulator)).into_response()
        }
        Err(error) => refuse(&error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThrottleBody {
    throttle: Option<String>,
    rate: Option<f64>,
    burst: Option<f64>,
}

async fn throttle(State(simulator): State<Simulator>, Json(body): Json<ThrottleBody>) -> Response {
    let setting = match (&body.throttle, body.rate, body.burst) {
        (Some(text), None, None) => text.parse(),
        (None, Some(rate), burst) => format!("{rate}/{}", burst.unwrap_or(Throttle::AWS.burst)).parse(),
        _ => return refuse(&"give either `throttle` (`on`, `off`, `2/5`) or `rate` and `burst`"),
    };
    match setting {
        Ok(ThrottleSetting(throttle)) => {
            simulator.set_throttle(throttle);
            Json(ledger_body(&simulator)).into_response()
        }
        Err(error) => refuse(&error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceBody {
    seconds: f64,
}

async fn advance(State(simulator): State<Simulator>, Json(body): Json<AdvanceBody>) -> Response {
    // A hundred years either way; beyond, the calendar would end.
    if !body.seconds.is_finite() || body.seconds.abs() > 3.2e9 {
        return refuse(&"`seconds` is out of range");
    }
    simulator.advance(TimeDelta::milliseconds((body.seconds * 1_000.0) as i64));
    Json(ledger_body(&simulator)).into_response()
}

async fn remove(State(simulator): State<Simulator>, Path(id): Path<String>) -> StatusCode {
    if simulator.delete_workspace(&id) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}
