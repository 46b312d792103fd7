//! HTTP as AWS speaks it: one path, the operation in a header (JSON 1.1) or in the form (Query), errors in AWS's shapes.
//!
//! This module knows protocols, limits and faults, but no operation's meaning: those are in `ops`.

pub(crate) mod auth;
pub(crate) mod error;
pub(crate) mod page;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Response, StatusCode, header},
};

use crate::{
    fault::Strike,
    ledger::Ending,
    ops::{self, Call, Operation, Service},
    rng::mix,
    simulator::Simulator,
};
use error::ApiError;

/// Bodies of AWS's JSON requests are small; this bounds memory.
const LARGEST_BODY: usize = 1024 * 1024;

pub(crate) fn router(simulator: Simulator) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(simulator)
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Json,
    Query,
}

async fn answer(State(simulator): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let serial = simulator.serial();
    let request_id = request_id(simulator.0.options.seed, serial);
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let protocol = if header("x-amz-target").is_none()
        && header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    {
        Protocol::Query
    } else {
        Protocol::Json
    };
    let operation = match protocol {
        Protocol::Json => header("x-amz-target").and_then(ops::by_target),
        Protocol::Query => ops::by_form(&body),
    };

    let result = handle(&simulator, &headers, operation, &body, serial, &request_id).await;
    match &result {
        Ok(_) => tracing::debug!(operation = operation.map(|op| op.name), request_id, "answered"),
        Err(error) => {
            tracing::debug!(operation = operation.map(|op| op.name), request_id, code = error.code, "refused");
        }
    }
    respond(protocol, result, &request_id)
}

async fn handle(
    simulator: &Simulator,
    headers: &HeaderMap,
    operation: Option<&'static Operation>,
    body: &Bytes,
    serial: u64,
    request_id: &str,
) -> Result<Vec<u8>, ApiError> {
    let options = &simulator.0.options;
    let now = simulator.now();
    let caller = auth::caller(headers, &options.accounts, options.seed, now.timestamp())?;
    let Some(operation) = operation else {
        return Err(ApiError::new(400, "UnknownOperationException", "The requested operation is not supported."));
    };
    let ledger = &simulator.0.ledger;
    let limited = operation.service != Service::Sts
        && !simulator.0.limiter.admit(&caller.account, &caller.region, operation.name, now.timestamp_millis());
    if limited {
        ledger.note(operation.name, Ending::Throttled);
        return Err(ApiError::throttled());
    }

    let strike = simulator.0.faults.strike(operation.name, || ops::page_number(options.seed, body));
    if let Some(delay) = strike.slow {
        tokio::time::sleep(delay).await;
    }
    let call = Call { simulator, caller: &caller, body, half_fail: strike.half_fail, serial, request_id };
    let result = struck(operation, &call, strike).map_or_else(|| (operation.handler)(&call), Err);
    ledger.note(
        operation.name,
        match &result {
            Ok(_) => Ending::Answered,
            Err(error) if error.code == "ThrottlingException" => Ending::Throttled,
            Err(_) => Ending::Failed,
        },
    );
    result.map(|mut body| {
        if strike.malformed {
            body.truncate(body.len() / 2);
        }
        body
    })
}

/// The error that a fault makes of a request.
fn struck(operation: &Operation, call: &Call<'_>, strike: Strike) -> Option<ApiError> {
    if strike.throttle {
        Some(ApiError::throttled())
    } else if strike.deny {
        let action = format!("{}:{}", operation.service.prefix(), operation.name);
        Some(ApiError::denied(&call.caller.arn, &action, &call.resource_arn(operation.service)))
    } else if strike.error500 {
        Some(ApiError::internal())
    } else {
        None
    }
}

fn respond(protocol: Protocol, result: Result<Vec<u8>, ApiError>, request_id: &str) -> Response<Body> {
    let mut response = Response::builder().header("x-amzn-requestid", request_id);
    response = match protocol {
        Protocol::Json => response.header(header::CONTENT_TYPE, "application/x-amz-json-1.1"),
        Protocol::Query => response.header(header::CONTENT_TYPE, "text/xml"),
    };
    let body = match result {
        Ok(body) => body,
        Err(error) => {
            response = response.status(error.status);
            match protocol {
                Protocol::Json => {
                    response = response.header("x-amzn-errortype", error.code);
                    error.json()
                }
                Protocol::Query => error.xml(request_id).into_bytes(),
            }
        }
    };
    response.body(Body::from(body)).unwrap_or_else(|_| {
        let mut plain = Response::new(Body::empty());
        *plain.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        plain
    })
}

/// Looks like AWS's, and repeats with the seed.
fn request_id(seed: u64, serial: u64) -> String {
    let (high, low) = (mix(seed ^ serial), mix(serial.wrapping_mul(31) ^ seed));
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}
