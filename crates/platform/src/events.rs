//! Nudges between tasks and processes: "there is something new on this channel".
//!
//! A nudge carries nothing and may be lost; several may arrive as one. Whoever listens reads the truth from the
//! database, and looks there by itself from time to time. Inside a process nudges always arrive; between processes
//! they travel through Redis pub/sub and stop while Redis is away.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{Stream, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_stream::wrappers::WatchStream;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::redis::RedisLink;

const PREFIX: &str = "wheelhouse:nudge:";
/// Nudges waiting to be sent; beyond that they are dropped, which is allowed.
const BACKLOG: usize = 1024;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// Silence on the subscription after which it is made anew, since a connection can die without a word.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// The bus. Cloning is cheap; its background tasks end with the last clone.
#[derive(Clone)]
pub struct EventBus {
    channels: Arc<Channels>,
    remote: Option<Arc<Remote>>,
}

#[derive(Default)]
struct Channels(Mutex<HashMap<String, watch::Sender<()>>>);

struct Remote {
    outgoing: mpsc::Sender<String>,
    connected: Arc<AtomicBool>,
    _stop: DropGuard,
}

impl EventBus {
    /// A bus through Redis, or inside the process where there is none. Must be called inside a tokio runtime.
    pub fn new(redis: Option<RedisLink>) -> Self {
        let channels = Arc::new(Channels::default());
        let remote = redis.map(|link| {
            let stop = CancellationToken::new();
            let connected = Arc::new(AtomicBool::new(false));
            let (outgoing, waiting) = mpsc::channel(BACKLOG);
            tokio::spawn(stop.clone().run_until_cancelled_owned(publish(link.clone(), waiting)));
            let listening = listen(link, channels.clone(), connected.clone());
            tokio::spawn(stop.clone().run_until_cancelled_owned(listening));
            Arc::new(Remote { outgoing, connected, _stop: stop.drop_guard() })
        });
        Self { channels, remote }
    }

    /// Says that there is something new. Never waits and never fails.
    pub fn nudge(&self, channel: &str) {
        self.channels.nudge(channel);
        if let Some(remote) = &self.remote
            && remote.outgoing.try_send(channel.to_owned()).is_err()
        {
            tracing::debug!(channel, "nudge dropped: too many are waiting");
        }
    }

    /// A stream that yields after every nudge from now on. It ends only with the bus.
    pub fn subscribe(&self, channel: &str) -> impl Stream<Item = ()> + Send + Unpin + use<> {
        WatchStream::from_changes(self.channels.subscribe(channel))
    }

    /// Whether nudges of other processes arrive. Made for a health check.
    ///
    /// # Errors
    /// A sentence for people: Redis is away, listeners poll.
    pub fn health(&self) -> Result<(), String> {
        match &self.remote {
            Some(remote) if !remote.connected.load(Ordering::Relaxed) => {
                Err("the Redis subscription is down; listeners poll".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for EventBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.remote.is_some() { "EventBus(redis)" } else { "EventBus(in-process)" })
    }
}

impl Channels {
    fn subscribe(&self, channel: &str) -> watch::Receiver<()> {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|name, sender| name == channel || sender.receiver_count() > 0);
        channels.entry(channel.to_owned()).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    fn nudge(&self, channel: &str) {
        if let Some(sender) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(channel) {
            sender.send_replace(());
        }
    }

    fn nudge_all(&self) {
        for sender in self.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            sender.send_replace(());
        }
    }
}

async fn publish(link: RedisLink, mut waiting: mpsc::Receiver<String>) {
    while let Some(channel) = waiting.recv().await {
        let publish = |mut redis| async move {
            redis::cmd("PUBLISH").arg(format!("{PREFIX}{channel}")).arg("").query_async::<()>(&mut redis).await
        };
        // Lost is allowed, and the link has logged it.
        link.call(publish).await.unwrap_or_default();
    }
}

/// One pattern subscription for all channels, made again with growing pauses whenever it ends.
async fn listen(link: RedisLink, channels: Arc<Channels>, connected: Arc<AtomicBool>) {
    let mut pause = FIRST_PAUSE;
    loop {
        match timeout(CONNECT_DEADLINE, subscribe(&link)).await {
            Ok(Ok(mut messages)) => {
                connected.store(true, Ordering::Relaxed);
                pause = FIRST_PAUSE;
                // Whatever was said meanwhile was missed.
                channels.nudge_all();
                while let Ok(Some(message)) = timeout(LONGEST_SILENCE, messages.next()).await {
                    if let Some(channel) = message.get_channel_name().strip_prefix(PREFIX) {
                        channels.nudge(channel);
                    }
                }
                connected.store(false, Ordering::Relaxed);
                tracing::debug!("the Redis subscription ended; making it anew");
            }
            Ok(Err(error)) => tracing::debug!(%error, "the Redis subscription failed"),
            Err(_) => tracing::debug!("the Redis subscription took too long"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn subscribe(link: &RedisLink) -> redis::RedisResult<redis::aio::PubSubStream> {
    let mut subscription = link.client().get_async_pubsub().await?;
    subscription.psubscribe(format!("{PREFIX}*")).await?;
    Ok(subscription.into_on_message())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::tests::{dead_link, test_link};
    use futures::FutureExt;

    #[tokio::test]
    async fn nudges_arrive_in_the_process_and_only_on_their_channel() {
        for bus in [EventBus::new(None), EventBus::new(Some(dead_link()))] {
            let (mut jobs, mut events) = (bus.subscribe("jobs"), bus.subscribe("events"));
            assert!(jobs.next().now_or_never().is_none());
            bus.nudge("jobs");
            bus.nudge("jobs");
            assert_eq!(jobs.next().await, Some(()));
            assert!(jobs.next().now_or_never().is_none(), "two nudges arrive as one");
            assert!(events.next().now_or_never().is_none());
        }
    }

    #[tokio::test]
    async fn health_tells_whether_other_processes_are_heard() {
        assert!(EventBus::new(None).health().is_ok());
        assert!(EventBus::new(Some(dead_link())).health().is_err());
    }

    #[tokio::test]
    async fn nudges_cross_processes_through_redis() {
        let Some(link) = test_link() else { return };
        let (here, there) = (EventBus::new(Some(link.clone())), EventBus::new(Some(link)));
        let mut heard = there.subscribe("events");
        // The subscription announces itself with a nudge once it stands.
        let patience = Duration::from_secs(20);
        timeout(patience, heard.next()).await.unwrap();
        assert!(there.health().is_ok());
        here.nudge("events");
        timeout(patience, heard.next()).await.unwrap();
    }
}
