//! How many secrets that nobody here was given may be tried from one network: each costs a look-up, which is made before it is
//! known whose quota it counts in. Who was recognised by this process before is not asked for a token, and whoever turns out to be
//! somebody gets it back, so that people behind the address of somebody who tries out secrets are let in as ever. Not the limit of
//! tries to sign in: that is `routes/session/limit`.

use std::net::IpAddr;
use std::time::Duration;

use platform::limits::{Limit, Quotas};

use crate::middleware::rate::network;

const WINDOW: Duration = Duration::from_secs(60);

/// The tokens of each network, for this process: what is protected is its way to the database.
#[derive(Debug, Clone)]
pub struct Strangers {
    quotas: Quotas,
    limit: Limit,
}

/// A token that was taken; without [`Taken::give_back`] it is spent.
#[derive(Debug)]
#[must_use]
pub(super) struct Taken<'a> {
    strangers: &'a Strangers,
    key: String,
}

impl Strangers {
    /// So many unknown secrets a minute for each network.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self { quotas: Quotas::new(None), limit: Limit::per(per_minute, WINDOW) }
    }

    /// Takes a token for a look-up from that address.
    ///
    /// # Errors
    /// How long until there is one.
    pub(super) async fn take(&self, address: IpAddr) -> Result<Taken<'_>, Duration> {
        let key = network(address).to_string();
        let standing = self.quotas.take(&key, self.limit).await;
        if standing.allowed { Ok(Taken { strangers: self, key }) } else { Err(standing.retry_after) }
    }
}

impl Taken<'_> {
    /// It was no stranger.
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
}
