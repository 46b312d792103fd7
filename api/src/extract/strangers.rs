//! How many secrets that nobody here was given may be tried from one network: each costs a look-up, which is made before it is
//! known whose quota it counts in. Who was recognised by this process before is not asked for a token, and whoever turns out to be
//! somebody gets it back, so that people behind the address of somebody who tries out secrets are let in as ever. Only few are looked
//! up at a time and the others wait for their turn: a thousand people of one house who come at once, such as after a new release, do
//! not take each other's tokens. Not the limit of tries to sign in: that is `routes/session/limit`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use platform::limits::{Limit, Quotas};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::middleware::rate::network;

const WINDOW: Duration = Duration::from_secs(60);
/// Look-ups at a time: as many as keep a database busy, and few beside the tokens that a network has.
const AT_ONCE: u32 = 16;

/// The tokens of each network, for this process: what is protected is its way to the database.
#[derive(Debug, Clone)]
pub struct Strangers {
    quotas: Quotas,
    limit: Limit,
    turns: Arc<Semaphore>,
}

/// A token that was taken; without [`Taken::give_back`] it is spent.
#[derive(Debug)]
#[must_use]
pub(super) struct Taken<'a> {
    strangers: &'a Strangers,
    key: String,
    _turn: Option<SemaphorePermit<'a>>,
}

impl Strangers {
    /// So many unknown secrets a minute for each network.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        // Never more at a time than there are tokens.
        let turns = Arc::new(Semaphore::new(per_minute.clamp(1, AT_ONCE) as usize));
        Self { quotas: Quotas::new(None), limit: Limit::per(per_minute, WINDOW), turns }
    }

    /// Takes a token for a look-up from that address, once it is its turn.
    ///
    /// # Errors
    /// How long until there is one.
    pub(super) async fn take(&self, address: IpAddr) -> Result<Taken<'_>, Duration> {
        let key = network(address).to_string();
        // Nobody closes it.
        let turn = self.turns.acquire().await.ok();
        let standing = self.quotas.take(&key, self.limit).await;
        if standing.allowed { Ok(Taken { strangers: self, key, _turn: turn }) } else { Err(standing.retry_after) }
    }
}

impl Taken<'_> {
    /// It was no stranger, or it could not be found out.
    pub(super) fn give_back(self) {
        self.strangers.quotas.give_back(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn strangers_of_one_network_share_what_there_is() {
        let strangers = Strangers::new(2);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        strangers.take(address("2001:db8::1")).await.unwrap().give_back();
        for host in ["2001:db8::1", "2001:db8::2"] {
            let _spent = strangers.take(address(host)).await.unwrap();
        }
        assert_eq!(strangers.take(address("2001:db8::3")).await.unwrap_err(), Duration::from_secs(30));
        let _elsewhere = strangers.take(address("203.0.113.9")).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_house_that_comes_at_once_is_let_in() {
        let strangers = Strangers::new(20);
        let office = "203.0.113.9".parse().unwrap();
        let looked_up = async || {
            let taken = strangers.take(office).await?;
            tokio::time::sleep(Duration::from_millis(2)).await;
            taken.give_back();
            Ok::<_, Duration>(())
        };
        futures::future::try_join_all((0..1000).map(|_| looked_up())).await.unwrap();
    }
}
