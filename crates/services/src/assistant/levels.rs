//! Who can phrase an answer. The best two levels are one local service, which says by itself what it runs on; the third is a
//! smaller one; the fourth is elsewhere, where an administrator has configured it. The fifth needs nobody.
//!
//! A local service is asked which model it has before it is asked anything else, and believed for a while.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::assistant::{Level, LevelFailure};
use domain::ids::UserId;
use platform::chat::{ChatClient, ChatError, ChatRequest, ChatSetupError, ChatStream, ModelCard};
use platform::config::{AiConfig, Config};

/// What a service said of its model holds so long.
const FOUND: Duration = Duration::from_secs(30);
/// That a service is away holds so long.
const AWAY: Duration = Duration::from_secs(3);
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
    deadline: Duration,
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
    /// Whether it is a service of ours, which is told whose turn a question uses up.
    ours: bool,
}

/// A level, and who speaks for it or why nobody does.
#[derive(Debug, Clone)]
pub(super) struct Rung {
    pub(super) level: Level,
    pub(super) voice: Result<Voice, LevelFailure>,
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
            remote: remote.map(|client| Voice { client, model: remote_model.clone(), ours: false }),
            tokens_per_person: config.ai.tokens_per_person,
            tokens_per_team: config.ai.tokens_per_team,
            deadline,
        })))
    }

    /// The longest one level may take.
    pub(super) fn deadline(&self) -> Duration {
        self.0.deadline
    }

    /// Tokens a month of each person; `None` for as many as they like.
    pub(super) fn tokens_per_person(&self) -> Option<u64> {
        Some(self.0.tokens_per_person).filter(|tokens| *tokens > 0)
    }

    /// Tokens a month of each team; `None` for as many as they like.
    pub(super) fn tokens_per_team(&self) -> Option<u64> {
        Some(self.0.tokens_per_team).filter(|tokens| *tokens > 0)
    }

    /// The levels that need a model, best first.
    pub(super) async fn rungs(&self) -> Vec<Rung> {
        let nobody = || Err(LevelFailure::NotConfigured);
        let (local, small) = tokio::join!(Local::voice(self.0.local.as_ref()), Local::voice(self.0.small.as_ref()));
        let (accelerator, processor) = match local {
            Ok((voice, true)) => (Ok(voice), nobody()),
            Ok((voice, false)) => (nobody(), Ok(voice)),
            Err(why) => (nobody(), Err(why)),
        };
        let remote = self.0.remote.clone().ok_or(LevelFailure::NotConfigured);
        vec![
            Rung { level: Level::Accelerator, voice: accelerator },
            Rung { level: Level::Processor, voice: processor },
            Rung { level: Level::Small, voice: small.map(|(voice, _)| voice) },
            Rung { level: Level::Remote, voice: remote },
        ]
    }
}

impl Local {
    /// Who speaks there, and whether on an accelerator.
    async fn voice(local: Option<&Self>) -> Result<(Voice, bool), LevelFailure> {
        let Some(local) = local else { return Err(LevelFailure::NotConfigured) };
        let card = local.card().await?;
        let accelerated = card.device.as_deref().is_some_and(|device| !PROCESSORS.contains(&device));
        Ok((Voice { client: local.client.clone(), model: Some(card.id), ours: true }, accelerated))
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
    pub(super) async fn ask(&self, mut request: ChatRequest, user: UserId) -> Result<ChatStream, LevelFailure> {
        request.model.clone_from(&self.model);
        request.user = self.ours.then(|| user.to_string());
        self.client.chat(&request).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "a model could not be asked");
            failure(&error)
        })
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
