//! Where URLs that users give may lead: not into this machine, not into private networks, not to the cloud's metadata
//! services. Names are resolved here, and the connection goes to the addresses that were checked, so that a name that
//! answers differently the second time gains nothing. `[outgoing] allow` opens networks.
//!
//! Not for addresses that the operator configures (database, Redis, mail server): whoever writes the configuration may
//! reach what they like. To send a request to a user's URL: [`Guard::client`]; to let another HTTP client connect:
//! [`Guard::check_url`] for the URL and [`Guard::addresses`] as its resolver.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Method, RequestBuilder};
use url::{Host, Url};

use super::addresses::{Reach, reach};
use crate::config::{Cidr, Config};

/// A name that takes longer to resolve is not resolved.
const LOOKUP_DEADLINE: Duration = Duration::from_secs(5);
/// Redirects followed at most.
const MOST_REDIRECTS: usize = 5;
/// Names under which clouds serve credentials to whoever asks, whatever they resolve to.
const METADATA_NAMES: &[&str] = &[
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.azure.internal",
    "metadata.platformequinix.com",
    "metadata.tencentyun.com",
];

/// A URL that a user gave leads where it may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// It is no http(s) URL with a host.
    #[error("write an http:// or https:// URL with a host, without user name, password or blanks")]
    Malformed,
    /// It leads to a service that hands out credentials.
    #[error("{0} belongs to a metadata service, which is never reached from here")]
    Metadata(String),
    /// It leads into a private network, or into this machine.
    #[error("{0} is not a public address; whoever runs this installation can allow its network in outgoing.allow")]
    NotPublic(String),
    /// The name does not resolve.
    #[error("the name {0} does not resolve")]
    Unresolved(String),
}

type Lookup = Arc<dyn Fn(String) -> futures::future::BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Says where outgoing connections to users' URLs may lead. Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    allow: Arc<[Cidr]>,
    lookup: Lookup,
}

impl Guard {
    /// A guard that lets through what is public, and these networks. Names are resolved by the system.
    #[must_use]
    pub fn new(allow: impl Into<Arc<[Cidr]>>) -> Self {
        Self::with_lookup(allow, Arc::new(|host| Box::pin(system_lookup(host))))
    }

    /// The same with names resolved by `lookup`, for tests.
    #[must_use]
    pub fn with_lookup(allow: impl Into<Arc<[Cidr]>>, lookup: Lookup) -> Self {
        Self { allow: allow.into(), lookup }
    }

    /// The guard a configuration asks for. An installation on SQLite is one machine, whose own services (a simulated AWS, an
    /// emulator) are within reach; one on Postgres says what is.
    #[must_use]
    pub fn configured(config: &Config) -> Self {
        let mut allow = config.outgoing.allow.clone();
        if config.database.url.expose().starts_with("sqlite:") {
            allow.extend(["127.0.0.0/8", "::1"].iter().filter_map(|network| network.parse::<Cidr>().ok()));
        }
        Self::new(allow)
    }

    /// Checks all of a URL that can be checked without resolving its name: scheme, user name, and the address where it is
    /// written as one, in whatever form. Gives the URL as it is meant, which is what should be kept and used.
    ///
    /// # Errors
    /// [`GuardError`] but [`GuardError::Unresolved`].
    pub fn check_url(&self, text: &str) -> Result<Url, GuardError> {
        // A parser drops tabs and line ends, and others may not.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(GuardError::Malformed);
        }
        // An empty user name before an @ is none to the parser.
        let authority = text.split_once("//").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if authority.is_some_and(|authority| authority.contains('@')) {
            return Err(GuardError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| GuardError::Malformed)?;
        self.check_parsed(&url)?;
        Ok(url)
    }

    fn check_parsed(&self, url: &Url) -> Result<(), GuardError> {
        let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        if !plain || url.port() == Some(0) {
            return Err(GuardError::Malformed);
        }
        match url.host() {
            None => Err(GuardError::Malformed),
            Some(Host::Ipv4(address)) => self.check_address(address.into()),
            Some(Host::Ipv6(address)) => self.check_address(address.into()),
            Some(Host::Domain(name)) => check_name(name),
        }
    }

    /// [`Self::check_url`], and that its name resolves to permitted addresses now. The connection is checked by itself again.
    ///
    /// # Errors
    /// [`GuardError`].
    pub async fn check(&self, text: &str) -> Result<Url, GuardError> {
        let url = self.check_url(text)?;
        if let Some(Host::Domain(name)) = url.host() {
            self.addresses(name).await?;
        }
        Ok(url)
    }

    /// The addresses of a name, to connect to these and no others. One that is not permitted spoils them all.
    ///
    /// # Errors
    /// [`GuardError`].
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, GuardError> {
        check_name(host)?;
        let looked = tokio::time::timeout(LOOKUP_DEADLINE, (self.lookup)(host.to_owned())).await;
        let found = looked.ok().and_then(Result::ok).filter(|found| !found.is_empty());
        let found = found.ok_or_else(|| GuardError::Unresolved(host.to_owned()))?;
        for address in &found {
            // The answer says the name, not the address: what a private name stands for is nobody's business.
            self.check_address(*address).map_err(|error| match error {
                GuardError::Metadata(_) => GuardError::Metadata(host.to_owned()),
                _ => GuardError::NotPublic(host.to_owned()),
            })?;
        }
        Ok(found)
    }

    /// Whether an address may be connected to.
    ///
    /// # Errors
    /// [`GuardError::Metadata`], [`GuardError::NotPublic`].
    pub fn check_address(&self, address: IpAddr) -> Result<(), GuardError> {
        match reach(address) {
            Reach::Metadata => Err(GuardError::Metadata(address.to_string())),
            Reach::Public => Ok(()),
            Reach::Other if self.allow.iter().any(|network| network.contains(address)) => Ok(()),
            Reach::Other => Err(GuardError::NotPublic(address.to_string())),
        }
    }

    /// A client for users' URLs whose requests end after `deadline`. It connects to checked addresses only, also after a
    /// redirect, and never through a proxy, which would resolve names by itself.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn client(&self, deadline: Duration) -> reqwest::Result<GuardedClient> {
        let guard = self.clone();
        self.client_with(deadline, Policy::custom(move |attempt| guard.redirect(attempt)))
    }

    /// [`Self::client`] that follows no redirect: the answer is then the redirect itself.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn client_without_redirects(&self, deadline: Duration) -> reqwest::Result<GuardedClient> {
        self.client_with(deadline, Policy::none())
    }

    fn client_with(&self, deadline: Duration, redirects: Policy) -> reqwest::Result<GuardedClient> {
        let builder = super::builder(deadline).no_proxy().dns_resolver(CheckedNames(self.clone()));
        Ok(GuardedClient { guard: self.clone(), client: builder.redirect(redirects).build()? })
    }

    fn redirect(&self, attempt: Attempt<'_>) -> reqwest::redirect::Action {
        if attempt.previous().len() > MOST_REDIRECTS {
            return attempt.error("too many redirects");
        }
        let from_tls = attempt.previous().last().is_some_and(|url| url.scheme() == "https");
        if from_tls && attempt.url().scheme() != "https" {
            return attempt.error("a redirect out of TLS");
        }
        match self.check_parsed(attempt.url()) {
            Ok(()) => attempt.follow(),
            Err(error) => attempt.error(error),
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("allow", &self.allow).finish_non_exhaustive()
    }
}

/// A client that can't be led astray. Cheap to clone.
#[derive(Clone, Debug)]
pub struct GuardedClient {
    guard: Guard,
    client: Client,
}

impl GuardedClient {
    /// Begins a request.
    ///
    /// # Errors
    /// [`GuardError`] for what can be seen of the URL; what its name resolves to is an error of `send`.
    pub fn request(&self, method: Method, url: &str) -> Result<RequestBuilder, GuardError> {
        Ok(self.client.request(method, self.guard.check_url(url)?))
    }
}

/// The resolver of [`Guard::client`].
struct CheckedNames(Guard);

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found = guard.addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

fn check_name(name: &str) -> Result<(), GuardError> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name.is_empty() {
        return Err(GuardError::Malformed);
    }
    if METADATA_NAMES.contains(&name.as_str()) { Err(GuardError::Metadata(name)) } else { Ok(()) }
}

async fn system_lookup(host: String) -> io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
}
