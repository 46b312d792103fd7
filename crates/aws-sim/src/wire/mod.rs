//! HTTP as AWS speaks it: the operation in a header (JSON), in the form (Query) or in the path (CBOR), errors in AWS's
//! shapes.
//!
//! This module knows protocols, limits and faults, but no operation's meaning: those are in `ops`.

pub(crate) mod auth;
mod cbor;
pub(crate) mod error;
pub(crate) mod page;
pub(crate) mod protocol;
mod query;
pub(crate) mod tree;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Response, StatusCode, Uri, header},
};

use crate::{
    fault::Strike,
    ledger::Ending,
    ops::{self, Call, Operation, Service},
    rng::mix,
    simulator::Simulator,
    trail,
};
use error::ApiError;
use protocol::Protocol;

/// Bodies of AWS's JSON requests are small; this bounds memory.
const LARGEST_BODY: usize = 1024 * 1024;

pub(crate) fn router(simulator: Simulator) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(simulator)
}

async fn answer(State(simulator): State<Simulator>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let serial = simulator.serial();
    let request_id = request_id(simulator.0.options.seed, serial);
    let protocol = Protocol::of(&uri, &headers);
    let operation = match protocol {
        Protocol::Json { .. } => {
            let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
            target.map_or_else(|| ops::by_rest(uri.path()), ops::by_target)
        }
        Protocol::Query => ops::by_form(&body),
        Protocol::Cbor => ops::by_path(uri.path()),
    };

    let request = Request { headers: &headers, operation, body: &body, protocol, serial, request_id: &request_id };
    let result = handle(&simulator, &request).await;
    match &result {
        Ok(_) => tracing::debug!(operation = operation.map(|op| op.name), request_id, "answered"),
        Err(error) => {
            tracing::debug!(operation = operation.map(|op| op.name), request_id, code = error.code, "refused");
        }
    }
    let namespace = operation.map_or("", |operation| operation.service.namespace());
    respond(protocol, namespace, result, &request_id)
}

/// A request before anybody knows whether it is good.
struct Request<'a> {
    headers: &'a HeaderMap,
    operation: Option<&'static Operation>,
    body: &'a Bytes,
    protocol: Protocol,
    serial: u64,
    request_id: &'a str,
}

async fn handle(simulator: &Simulator, request: &Request<'_>) -> Result<Vec<u8>, ApiError> {
    let &Request { headers, operation, body, protocol, serial, request_id } = request;
    let options = &simulator.0.options;
    let now = simulator.now();
    let caller = auth::caller(headers, &options.accounts, options.seed, now.timestamp())?;
    let Some(operation) = operation else {
        return Err(ApiError::new(400, "UnknownOperationException", "The requested operation is not supported."));
    };
    let ledger = &simulator.0.ledger;
    let limited = operation.service != Service::Sts
        && !simulator.0.limiter.admit(
            &caller.account,
            &caller.region,
            (operation.service, operation.name),
            now.timestamp_millis(),
        );
    if limited {
        ledger.note(operation.name, Ending::Throttled);
        return Err(ApiError::throttled());
    }

    let strike = simulator.0.faults.strike(operation.name, || ops::page_number(options.seed, protocol, body));
    if let Some(delay) = strike.slow {
        tokio::time::sleep(delay).await;
    }
    let call = Call {
        simulator,
        caller: &caller,
        body,
        protocol,
        half_fail: strike.half_fail,
        partial: strike.partial,
        garbage: strike.garbage,
        serial,
        request_id,
    };
    let result = struck(operation, &call, strike).map_or_else(|| (operation.handler)(&call), Err);
    let at_ms = simulator.now().timestamp_millis();
    if let Some(live) = trail::live::of_request(operation, &caller, headers, body, &result, at_ms, request_id) {
        simulator.0.trail.note(&caller.account, &caller.region, live);
    }
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

fn respond(protocol: Protocol, namespace: &str, result: Result<Vec<u8>, ApiError>, request_id: &str) -> Response<Body> {
    let mut response = Response::builder()
        .header("x-amzn-requestid", request_id)
        .header(header::CONTENT_TYPE, protocol.content_type());
    if protocol == Protocol::Cbor {
        response = response.header("smithy-protocol", "rpc-v2-cbor");
    }
    let body = match result {
        Ok(body) => body,
        Err(error) => {
            response = response.status(error.status);
            if protocol != Protocol::Query && !namespace.is_empty() {
                // A service that once spoke Query keeps its clients' codes.
                response = response.header("x-amzn-query-error", error.query_code());
            }
            match protocol {
                Protocol::Json { .. } => {
                    response = response.header("x-amzn-errortype", error.code);
                    error.json()
                }
                Protocol::Query => error.xml(namespace, request_id).into_bytes(),
                Protocol::Cbor => protocol.write("", namespace, request_id, &error.tree()),
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
