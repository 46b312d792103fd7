//! Who can phrase an answer. The best two levels are one local service, which says by itself what it runs on; the third is a
//! smaller one; the fourth is elsewhere, where an administrator has configured it. The fifth needs nobody.
//!
//! A local service is asked which model it has before it is asked anything else, and believed for a while. A remote one has a
//! circuit breaker, so that nobody waits again and again for one that fails.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::assistant::{Level, LevelFailure};
use domain::breaker::{Breaker, Standing};
use domain::env::Env;
use domain::ids::UserId;
use platform::chat::{ChatClient, ChatError, ChatRequest, ChatSetupError, ChatStream, ModelCard};
use platform::config::{AiConfig, Config};

/// Failures of a remote model in a row after which nobody asks it any more.
const FAILURES: u32 = 3;
/// For how long.
const PAUSE: Duration = Duration::from_secs(30);
/// What a service said of its model holds so long.
const FOUND: Duration = Duration::from_secs(30);
/// That a service is away holds so long.
const AWAY: Duration = Duration::from_secs(3);
/// With these a server refuses what a request says, and not whoever asks.
const REFUSES_WHAT_IS_ASKED: [u16; 3] = [400, 413, 422];
/// What runs on these needs no accelerator.
const PROCESSORS: [&str; 1] = ["cpu"];

/// Who can phrase answers, and how many tokens they may take. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Assistant(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    local: Option<Local>,
    small: Option<Local>,
    remote: Option<Voice>,
    tokens_per_person: u64,
    tokens_per_team: u64,
}

/// A service of ours, and what it last said of its model.
#[derive(Debug)]
struct Local {
    client: ChatClient,
    known: Mutex<Option<(Instant, Result<ModelCard, LevelFailure>)>>,
}

/// Somebody who can be asked.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    client: ChatClient,
    model: Option<String>,
    /// Of one that is not ours. A service of ours is told whose turn a question uses up, and is asked for its model first.
    breaker: Option<Arc<Breaker<DateTime<Utc>>>>,
}

/// Why nothing came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unheard {
    /// The level failed, and would at whatever it is asked.
    Level(LevelFailure),
    /// It does not take a request with that schema. That says nothing about one without.
    Schema,
}

impl Unheard {
    /// What is told and counted.
    pub(super) fn reason(self) -> LevelFailure {
        match self {
            Self::Level(reason) => reason,
            Self::Schema => LevelFailure::Failed,
        }
    }
}

impl From<LevelFailure> for Unheard {
    fn from(reason: LevelFailure) -> Self {
        Self::Level(reason)
    }
}

/// A level, and who speaks for it or why nobody does.
#[derive(Debug, Clone)]
pub(super) struct Rung {
    pub(super) level: Level,
    pub(super) voice: Result<Voice, LevelFailure>,
    /// When a level that is paused is asked again.
    pub(super) again_at: Option<DateTime<Utc>>,
}

impl Assistant {
    /// The levels that are configured. Nobody is asked anything yet.
    ///
    /// # Errors
    /// [`ChatSetupError`].
    pub fn configured(config: &Config) -> Result<Self, ChatSetupError> {
        let AiConfig { url, small_url, remote_url, remote_model, remote_key, .. } = &config.ai;
        let deadline = config.ai.answer();
        let local = |url: &Option<String>| -> Result<_, ChatSetupError> {
            let client = url.as_deref().map(|url| ChatClient::new(url, None, deadline)).transpose()?;
            Ok(client.map(|client| Local { client, known: Mutex::default() }))
        };
        let remote = remote_url.as_deref().map(|url| ChatClient::new(url, remote_key.clone(), deadline)).transpose()?;
        Ok(Self(Arc::new(Inner {
            local: local(url)?,
            small: local(small_url)?,
            remote: remote.map(|client| Voice {
                client,
                model: remote_model.clone(),
                breaker: Some(Arc::new(Breaker::new(FAILURES, PAUSE))),
            }),
            tokens_per_person: config.ai.tokens_per_person,
            tokens_per_team: config.ai.tokens_per_team,
        })))
    }

    /// Tokens a month of each person; `None` for as many as they like.
    pub(super) fn tokens_per_person(&self) -> Option<u64> {
        Some(self.0.tokens_per_person).filter(|tokens| *tokens > 0)
    }

    /// Tokens a month of each team; `None` for as many as they like.
    pub(super) fn tokens_per_team(&self) -> Option<u64> {
        Some(self.0.tokens_per_team).filter(|tokens| *tokens > 0)
    }

    /// How the remote model's circuit breaker stands, where one is configured.
    pub(crate) fn breaker(&self, now: DateTime<Utc>) -> Option<Standing> {
        Some(self.0.remote.as_ref()?.breaker.as_ref()?.standing(now))
    }

    /// The levels that need a model, best first.
    pub(super) async fn rungs(&self, now: DateTime<Utc>) -> Vec<Rung> {
        let nobody = || Err(LevelFailure::NotConfigured);
        let (local, small) = tokio::join!(Local::voice(self.0.local.as_ref()), Local::voice(self.0.small.as_ref()));
        let (accelerator, processor) = match local {
            Ok((voice, true)) => (Ok(voice), nobody()),
            Ok((voice, false)) => (nobody(), Ok(voice)),
            Err(why) => (nobody(), Err(why)),
        };
        let remote = self.0.remote.clone().ok_or(LevelFailure::NotConfigured);
        let again_at = self.0.remote.as_ref().and_then(|voice| voice.breaker.as_ref()?.paused(now));
        let remote = if again_at.is_some() { Err(LevelFailure::Paused) } else { remote };
        let local = |level, voice| Rung { level, voice, again_at: None };
        vec![
            local(Level::Accelerator, accelerator),
            local(Level::Processor, processor),
            local(Level::Small, small.map(|(voice, _)| voice)),
            Rung { level: Level::Remote, voice: remote, again_at },
        ]
    }
}

impl Local {
    /// Who speaks there, and whether on an accelerator.
    async fn voice(local: Option<&Self>) -> Result<(Voice, bool), LevelFailure> {
        let Some(local) = local else { return Err(LevelFailure::NotConfigured) };
        let card = local.card().await?;
        let accelerated = card.device.as_deref().is_some_and(|device| !PROCESSORS.contains(&device));
        Ok((Voice { client: local.client.clone(), model: Some(card.id), breaker: None }, accelerated))
    }

    async fn card(&self) -> Result<ModelCard, LevelFailure> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, found)) = known
            && at.elapsed() < if found.is_ok() { FOUND } else { AWAY }
        {
            return found;
        }
        let found = match self.client.models().await {
            Ok(models) => models.into_iter().next().ok_or(LevelFailure::Unreachable),
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "a model's service does not answer");
                Err(failure(&error))
            }
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found.clone()));
        found
    }
}

impl Voice {
    /// Asks on behalf of that person.
    pub(super) async fn ask(&self, mut request: ChatRequest, user: UserId) -> Result<ChatStream, Unheard> {
        request.model.clone_from(&self.model);
        request.user = self.breaker.is_none().then(|| user.to_string());
        self.client.chat(&request).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "a model could not be asked");
            match error {
                ChatError::Refused(status) if request.schema.is_some() && REFUSES_WHAT_IS_ASKED.contains(&status) => {
                    Unheard::Schema
                }
                error => failure(&error).into(),
            }
        })
    }

    /// Does what asks it and listens, unless it is left alone for a while. That it has too much to do is an answer, and no
    /// failure that others should be spared; that nobody waits any more says nothing about it, nor that it does not take
    /// a schema.
    pub(super) async fn guarded<T>(
        &self,
        env: &Env,
        work: impl Future<Output = Result<T, Unheard>>,
    ) -> Result<T, Unheard> {
        let Some(breaker) = &self.breaker else { return work.await };
        let pass = breaker.admit(env.now()).map_err(|_| LevelFailure::Paused)?;
        let done = work.await;
        match done {
            Err(Unheard::Level(LevelFailure::Unreachable | LevelFailure::TooSlow | LevelFailure::Failed)) => {
                pass.failed(env.now());
            }
            Err(Unheard::Schema) => drop(pass),
            _ => pass.answered(),
        }
        done
    }
}

/// What an error of the protocol means for a level.
pub(super) fn failure(error: &ChatError) -> LevelFailure {
    match error {
        ChatError::Unreachable(_) => LevelFailure::Unreachable,
        ChatError::Busy => LevelFailure::Busy,
        ChatError::TooSlow => LevelFailure::TooSlow,
        ChatError::Refused(_) | ChatError::Unreadable(_) => LevelFailure::Failed,
    }
}

#[cfg(test)]
mod tests {
    use store::Backend;

    use super::*;
    use crate::testing::{FakeFleet, Harness};

    #[tokio::test]
    async fn the_breaker_of_a_remote_model_tells_how_it_stands() {
        let harness = Harness::on(Backend::Sqlite, FakeFleet::default()).await.unwrap();
        let env = &harness.ctx.env;
        assert_eq!(Assistant::default().breaker(env.now()), None, "there is no model");
        let mut config = Config::default();
        config.ai.remote_url = Some("https://models.example/v1".to_owned());
        let assistant = Assistant::configured(&config).unwrap();
        assert_eq!(assistant.breaker(env.now()), Some(Standing::Closed));
        let voice = assistant.0.remote.as_ref().unwrap();
        for _ in 0..FAILURES {
            let slow = Unheard::Level(LevelFailure::TooSlow);
            let failed: Result<(), Unheard> = voice.guarded(env, async { Err(slow) }).await;
            assert_eq!(failed, Err(slow));
        }
        assert_eq!(assistant.breaker(env.now()), Some(Standing::Open));
        harness.advance(30);
        assert_eq!(assistant.breaker(env.now()), Some(Standing::HalfOpen), "the next question decides");
        let refused: Result<(), Unheard> = voice.guarded(env, async { Err(Unheard::Schema) }).await;
        assert_eq!(refused, Err(Unheard::Schema));
        assert_eq!(assistant.breaker(env.now()), Some(Standing::HalfOpen), "a refused schema decides nothing");
        assert_eq!(voice.guarded(env, async { Ok(()) }).await, Ok(()));
        assert_eq!(assistant.breaker(env.now()), Some(Standing::Closed));
        for _ in 0..FAILURES {
            let refused: Result<(), Unheard> = voice.guarded(env, async { Err(Unheard::Schema) }).await;
            assert_eq!(refused, Err(Unheard::Schema));
        }
        assert_eq!(assistant.breaker(env.now()), Some(Standing::Closed));
    }
}
