//! How every call is made: circuit breaker, then attempts, each with a token of the rate limit, all within one deadline.
//! The only place that retries, counts and traces. Not the meaning of errors (`error`) or answers (`map`).

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as StdInstant};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use chrono::{SecondsFormat, TimeDelta};
use domain::breaker::{Breaker, Paused};
use domain::cloud::{CloudBreaker, CloudError};
use domain::env::Env;
use domain::ids::{AccountId, Region};
use tokio::time::Instant;
use tracing::Instrument;

use crate::error::{Failure, Reached, classify};
use crate::figures::{self, Counted};
use crate::limits::{BucketKey, Limits, Rate};
use crate::options::AwsOptions;
use crate::policy::{Effect, OPERATIONS, Operation};
use crate::rates;
use crate::traces::Attempt;

/// What all handles share: rate limits and circuit breakers, one of each per account, region and operation.
#[derive(Debug)]
pub(crate) struct Gates {
    pub(crate) options: AwsOptions,
    env: Env,
    limits: Arc<Limits>,
    breakers: Mutex<HashMap<BucketKey, Arc<Breaker<StdInstant>>>>,
}

/// What one call has to pass.
#[derive(Debug)]
struct Gate {
    key: BucketKey,
    rate: Rate,
    breaker: Arc<Breaker<StdInstant>>,
}

impl Gates {
    pub(crate) fn new(options: AwsOptions, env: Env, limits: Arc<Limits>) -> Self {
        Self { options, env, limits, breakers: Mutex::default() }
    }

    fn gate(&self, account: AccountId, region: Region, simulated: bool, operation: &Operation) -> Gate {
        let key = BucketKey { account, region, operation: operation.action };
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = || Arc::new(Breaker::new(self.options.breaker_failures, self.options.breaker_cool_down));
        let breaker = breakers.entry(key.clone()).or_insert_with(closed).clone();
        Gate { rate: rates::of(operation.action, simulated, &self.options), key, breaker }
    }

    /// The breakers, as they stand now.
    pub(crate) fn breakers(&self) -> Vec<CloudBreaker> {
        let now = Instant::now().into_std();
        let breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |(key, breaker): (&BucketKey, &Arc<Breaker<StdInstant>>)| CloudBreaker {
            operation: key.operation,
            region: key.region.clone(),
            standing: breaker.standing(now),
        };
        breakers.iter().map(told).collect()
    }

    /// Full jitter: anything between nothing and the exponential step, so that clients spread out.
    fn backoff(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(20);
        let step = self.options.backoff_base.saturating_mul(1 << doublings).min(self.options.backoff_cap);
        step.mul_f64(self.env.random.unit())
    }

    fn circuit_open(&self, operation: &Operation, open: Paused) -> CloudError {
        let until = self.env.now() + TimeDelta::from_std(open.remaining).unwrap_or_default();
        let reason = format!("circuit open until {}", until.to_rfc3339_opts(SecondsFormat::Secs, true));
        let name = operation.action.to_owned();
        match operation.effect {
            Effect::Read => CloudError::Unavailable { operation: name, reason },
            Effect::Act => CloudError::NotSent { operation: name, reason },
        }
    }
}

/// Makes the calls of one handle and counts them.
#[derive(Debug)]
pub(crate) struct Caller {
    account: AccountId,
    region: Region,
    simulated: bool,
    gates: Arc<Gates>,
    sent: AtomicU64,
}

impl Caller {
    pub(crate) fn new(account: AccountId, region: Region, simulated: bool, gates: Arc<Gates>) -> Self {
        Self { account, region, simulated, gates, sent: AtomicU64::new(0) }
    }

    /// Requests sent so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Where the operation is called.
    fn region_of(&self, operation: &Operation) -> Region {
        // The name of a home is valid; a test of the global operations would see another region.
        operation.home.and_then(|home| home.parse().ok()).unwrap_or_else(|| self.region.clone())
    }

    /// One call: `send` makes one request with the SDK, `read` turns its answer into ours or says what it lacks.
    ///
    /// # Errors
    /// The error of the last attempt, at the latest when the call's deadline has passed.
    pub(crate) async fn call<O, E, T, Sending>(
        &self,
        operation: &Operation,
        send: impl Fn() -> Sending + Send,
        read: impl Fn(O) -> Result<T, String> + Send,
    ) -> Result<T, CloudError>
    where
        Sending: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + Error + Send + 'static,
        O: Send,
        T: Send,
    {
        debug_assert!(OPERATIONS.contains(operation), "{} is missing in OPERATIONS", operation.action);
        let gate = self.gates.gate(self.account, self.region_of(operation), self.simulated, operation);
        let pass =
            gate.breaker.admit(Instant::now().into_std()).map_err(|open| self.gates.circuit_open(operation, open))?;
        let outcome = self.attempts(operation, &gate, send, read).await;
        match &outcome {
            Err(CloudError::Unavailable { .. } | CloudError::NotSent { .. }) => pass.failed(Instant::now().into_std()),
            // Nothing was learnt about AWS: the wait for a token was too long, there were no credentials, or garbage.
            Err(CloudError::Throttled { .. } | CloudError::Unauthenticated { .. } | CloudError::Malformed { .. }) => {
                drop(pass)
            }
            Ok(_)
            | Err(
                CloudError::Denied { .. }
                | CloudError::NotFound { .. }
                | CloudError::Refused { .. }
                | CloudError::Unsupported { .. },
            ) => pass.answered(),
        }
        outcome
    }

    async fn attempts<O, E, T, Sending>(
        &self,
        operation: &Operation,
        gate: &Gate,
        send: impl Fn() -> Sending + Send,
        read: impl Fn(O) -> Result<T, String> + Send,
    ) -> Result<T, CloudError>
    where
        Sending: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + Error + Send + 'static,
        O: Send,
        T: Send,
    {
        let options = &self.gates.options;
        let deadline = Instant::now() + options.call_deadline;
        let mut attempt = 1;
        loop {
            let waiting = Counted::waiting(operation);
            let room = self.gates.limits.acquire(&gate.key, gate.rate, deadline).await;
            drop(waiting);
            if room.is_err() {
                figures::held_back(operation);
                return Err(CloudError::Throttled { operation: operation.action.to_owned() });
            }
            let span = tracing::debug_span!(
                "aws_call", account = %self.account, region = %gate.key.region, operation = operation.action, attempt
            );
            self.sent.fetch_add(1, Ordering::Relaxed);
            let began = Instant::now();
            // Boxed: the SDK's futures are large, and one lives in every caller's future.
            let trace = Attempt::begin(operation, &gate.key.region, attempt);
            let asking = trace.around(tokio::time::timeout_at(deadline, Box::pin(send())));
            let running = Counted::running(operation);
            let answer = asking.instrument(span.clone()).await;
            drop(running);
            let failure = match answer {
                Ok(Ok(output)) => match read(output) {
                    Ok(value) => {
                        figures::attempted(operation, &gate.key.region, began.elapsed(), None);
                        trace.end(None);
                        return Ok(value);
                    }
                    Err(reason) => Failure::malformed(operation, reason),
                },
                Ok(Err(error)) => classify(operation, &error),
                Err(_) => Failure::deadline(operation, options.call_deadline),
            };
            figures::attempted(operation, &gate.key.region, began.elapsed(), Some(&failure.error));
            trace.end(Some(&failure.error));
            span.in_scope(|| tracing::debug!(code = failure.error.code(), error = %failure.error, "attempt failed"));
            if failure.reached == (Reached::NotSent { attempted: false }) {
                self.sent.fetch_sub(1, Ordering::Relaxed);
            }
            if failure.error.operation() == operation.action && matches!(failure.error, CloudError::Throttled { .. }) {
                self.gates.limits.throttled(&gate.key, gate.rate, failure.retry_after).await;
            }
            if !may_repeat(operation, &failure) || attempt >= options.max_attempts {
                return Err(settled(operation, failure));
            }
            let pause = self.gates.backoff(attempt).max(failure.retry_after.unwrap_or_default());
            if pause >= deadline.saturating_duration_since(Instant::now()) {
                return Err(settled(operation, failure));
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }
}

/// Whether sending the request once more may help and can't do harm.
fn may_repeat(operation: &Operation, failure: &Failure) -> bool {
    failure.error.is_transient()
        && match operation.effect {
            Effect::Read => true,
            Effect::Act => failure.reached != Reached::Unknown,
        }
}

/// The error to give back: an action says whether it was never sent or has no known outcome. An action is only repeated
/// after an attempt that did nothing, so what is known of the last attempt is known of the call.
fn settled(operation: &Operation, failure: Failure) -> CloudError {
    if operation.effect == Effect::Read {
        return failure.error;
    }
    match (failure.reached, failure.error) {
        (
            Reached::Unknown,
            CloudError::Unavailable { operation, reason } | CloudError::Malformed { operation, reason },
        ) => CloudError::Unavailable { operation, reason: format!("{reason}; the outcome is unknown") },
        (
            Reached::NotSent { .. },
            CloudError::Unavailable { operation, reason } | CloudError::Malformed { operation, reason },
        ) => CloudError::NotSent { operation, reason },
        (_, other) => other,
    }
}
