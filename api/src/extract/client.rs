//! `Client`: where a request came from. Forwarding headers are believed only from the proxies the configuration trusts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use http::HeaderMap;
use http::header::USER_AGENT;
use http::request::Parts;
use platform::config::Cidr;
use platform::request_id::RequestContext;

use super::session_token;

/// The networks whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Arc<[Cidr]>);

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The address of the browser or program, as far as it can be known. Unspecified where there is no connection (tests).
    pub address: IpAddr,
    /// What it calls itself, at most 200 characters.
    pub user_agent: Option<String>,
    /// The request's id, as in the logs.
    pub request_id: Option<String>,
    /// The session of its cookie, good or not, as a digest that opens nothing: a sign-in ends it.
    pub session: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        let trusted = parts.extensions.get::<TrustedProxies>().cloned().unwrap_or_default();
        let address = forwarded(peer.unwrap_or(Ipv4Addr::UNSPECIFIED.into()), &parts.headers, &trusted.0);
        let user_agent = parts.headers.get(USER_AGENT).and_then(|v| v.to_str().ok());
        let user_agent = user_agent.map(|text| text.chars().take(200).collect());
        let session = session_token(&parts.headers).map(|token| services::sessions::token_digest(&token));
        let request_id = parts.extensions.get::<RequestContext>().map(|context| context.request_id.clone());
        Ok(Self { address, user_agent, request_id, session })
    }
}

/// The last address that no trusted proxy vouches for: read from the right, since the left is what the client wrote.
fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &[Cidr]) -> IpAddr {
    let believed = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    let hops = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    for hop in hops.collect::<Vec<_>>().into_iter().rev() {
        if !believed(client) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_speak_for_others() {
        let trusted: Vec<Cidr> = vec!["10.0.0.0/8".parse().unwrap()];
        let seen = |peer: &str, header: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", http::HeaderValue::from_static(header));
            forwarded(peer.parse().unwrap(), &headers, &trusted).to_string()
        };
        assert_eq!(seen("10.0.0.1", "203.0.113.9"), "203.0.113.9");
        assert_eq!(seen("203.0.113.1", "198.51.100.7"), "203.0.113.1");
        assert_eq!(seen("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.2.2.2"), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "rubbish"), "10.0.0.1");
    }
}
