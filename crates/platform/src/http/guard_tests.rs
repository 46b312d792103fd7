//! The corpus: every way we know to write an address that must not be reached, what must be, and names that change their mind.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::guard::{Guard, GuardError};
use reqwest::Method;

use super::*;

fn networks(texts: &[&str]) -> Vec<crate::config::Cidr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A guard whose names have these addresses, first come first served, the last one for ever.
fn answering(allow: &[&str], answers: &[&str]) -> (Guard, Arc<AtomicUsize>) {
    let answers: Vec<IpAddr> = answers.iter().map(|text| text.parse().unwrap()).collect();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let lookup = move |_: String| {
        let at = count.fetch_add(1, Ordering::SeqCst).min(answers.len().saturating_sub(1));
        let answer = answers.get(at).map(|address| vec![*address]).unwrap_or_default();
        Box::pin(async move { Ok(answer) }) as futures::future::BoxFuture<'static, std::io::Result<Vec<IpAddr>>>
    };
    (Guard::with_lookup(networks(allow), Arc::new(lookup)), asked)
}

/// Addresses in every form, refused by their look alone.
const REFUSED: &[&str] = &[
    // loopback: dotted, decimal, octal, hexadecimal, short, mixed, padded
    "http://127.0.0.1",
    "http://127.0.0.1:8080/x",
    "http://127.8.9.1",
    "http://2130706433",
    "http://017700000001",
    "http://0x7f000001",
    "http://0x7f.1",
    "http://127.1",
    "http://127.0.1",
    "http://0177.0.0.1",
    "http://0x7f.0x0.0x0.0x1",
    "http://0x7f.0.0.01",
    "http://127.0.0.1.",
    "http://00000177.00.00.01",
    "http://0X7F.1",
    // this host, private, carrier-grade NAT, link-local, reserved, multicast, broadcast
    "http://0.0.0.0",
    "http://0",
    "http://0.1.2.3",
    "http://10.0.0.1",
    "http://10.255.255.255",
    "http://167772161",
    "http://172.16.0.1",
    "http://172.31.255.254",
    "http://192.168.0.1",
    "http://0xc0a80001",
    "http://192.168.257",
    "http://100.64.0.1",
    "http://100.127.255.255",
    "http://169.254.0.1",
    "http://192.0.0.8",
    "http://192.0.2.1",
    "http://192.88.99.1",
    "http://198.18.0.1",
    "http://198.19.255.255",
    "http://198.51.100.7",
    "http://203.0.113.7",
    "http://224.0.0.1",
    "http://239.255.255.250",
    "http://240.0.0.1",
    "http://255.255.255.255",
    // metadata services
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166",
    "http://0xa9fea9fe",
    "http://0251.0376.0251.0376",
    "http://169.254.43518",
    "http://169.16689662",
    "http://[fd00:ec2::254]",
    "http://[fd00:ec2::23]",
    "http://169.254.170.2",
    "http://169.254.170.23",
    "http://100.100.100.200",
    "http://192.0.0.192",
    "http://168.63.129.16",
    "http://[::ffff:169.254.169.254]",
    "http://[::ffff:a9fe:a9fe]",
    "http://[64:ff9b::a9fe:a9fe]",
    "http://[2002:a9fe:a9fe::]",
    "http://[::a9fe:a9fe]",
    "http://metadata.google.internal",
    "http://METADATA.google.internal.",
    "http://metadata",
    "http://metadata.goog",
    "http://instance-data",
    "http://instance-data.ec2.internal.",
    // IPv6: loopback, unspecified, mapped, compatible, translated, 6to4, Teredo, private, link-local, site-local, multicast
    "http://[::1]",
    "http://[0:0:0:0:0:0:0:1]:80",
    "http://[::]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[::ffff:10.0.0.1]",
    "http://[::127.0.0.1]",
    "http://[::7f00:1]",
    "http://[::ffff:0:127.0.0.1]",
    "http://[64:ff9b::127.0.0.1]",
    "http://[64:ff9b::10.0.0.1]",
    "http://[64:ff9b:1::1]",
    "http://[2002:7f00:1::]",
    "http://[2002:808:808::]",
    "http://[2001::7f00:1]",
    "http://[2001:0:53aa:64c:0:0:f5ff:fffe]",
    "http://[2001:db8::1]",
    "http://[3fff::1]",
    "http://[fc00::1]",
    "http://[fdab::1]",
    "http://[fe80::1]",
    "http://[febf::1]",
    "http://[fec0::1]",
    "http://[ff02::1]",
    "http://[100::1]",
    "http://[5f00::1]",
    "http://[4000::1]",
    // other letters for the same digits and dots, and escapes
    "http://①②⑦.⓪.⓪.①",
    "http://127。0。0。1",
    "http://127%2e0%2e0%2e1",
    "http://%31%32%37.0.0.1",
    "http://１２７.0.0.1",
    "http://ⓜetadata.google.internal",
    // user names, other schemes, nothing at all
    "http://127.0.0.1@example.com",
    "http://example.com@127.0.0.1",
    "http://u:p@example.com",
    "http://example.com:80@127.0.0.1/",
    "http://:@example.com:",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "ftp://example.com",
    "unix:/run/x",
    "data:,x",
    "javascript:alert(1)",
    "//example.com",
    "example.com",
    "http://",
    "http:///",
    "",
    "http://example.com:0",
    "http://exa mple.com",
    "http://example.com\\@127.0.0.1",
    "http://example.com\t",
    "\nhttp://example.com",
    "http://exam\nple.com",
    "http://[::1",
    "http://[fe80::1%25eth0]",
    "http://256.256.256.256",
    "http://1.2.3.4.5",
    "http://.",
    "http://127.0.0.1#@example.com",
    "http://127.0.0.1?@example.com",
    "http:\\\\127.0.0.1",
    "http:/127.0.0.1",
    "http:127.0.0.1",
];

/// Public ones, in every form too.
const ALLOWED: &[&str] = &[
    "http://8.8.8.8",
    "https://1.1.1.1:8443/a?b=c",
    "http://134744072",
    "http://172.15.0.1",
    "http://172.32.0.1",
    "http://100.63.0.1",
    "http://100.128.0.1",
    "http://192.0.1.1",
    "http://198.20.0.1",
    "http://11.0.0.1",
    "http://223.255.255.1",
    "http://[2606:4700::1111]",
    "http://[2a00:1450::1]:80",
    "http://[64:ff9b::8.8.8.8]",
    "http://[::ffff:8.8.8.8]",
    "http://[2001:4860:4860::8888]",
    "https://example.com",
    "https://xn--bcher-kva.example/x",
    "https://bücher.example",
    "HTTPS://Example.COM.",
    "https://workspaces.eu-central-1.amazonaws.com",
];

#[tokio::test]
async fn the_corpus_is_refused_and_what_is_public_is_not() {
    let (guard, _) = answering(&[], &["93.184.215.14"]);
    for url in REFUSED {
        assert!(guard.check(url).await.is_err(), "{url} was let through");
    }
    for url in ALLOWED {
        assert!(guard.check(url).await.is_ok(), "{url}: {:?}", guard.check(url).await);
    }
    let distinct: BTreeSet<_> = REFUSED.iter().collect();
    assert_eq!(distinct.len(), REFUSED.len(), "each way once");
}

#[tokio::test]
async fn names_are_what_they_resolve_to() {
    for address in
        ["127.0.0.1", "10.1.2.3", "::1", "fe80::1", "::ffff:192.168.1.1", "169.254.169.254", "64:ff9b::a00:1"]
    {
        let (guard, _) = answering(&[], &[address]);
        let refused = guard.check("https://innocent.example").await.unwrap_err();
        assert!(matches!(refused, GuardError::NotPublic(_) | GuardError::Metadata(_)), "{address}");
        assert!(!refused.to_string().contains(address), "{refused}");
    }
    let mixed = |_: String| {
        let answer = ["93.184.215.14", "10.0.0.1"].map(|text| text.parse().unwrap()).to_vec();
        Box::pin(async move { Ok(answer) }) as futures::future::BoxFuture<'static, std::io::Result<Vec<IpAddr>>>
    };
    let guard = Guard::with_lookup(Vec::new(), Arc::new(mixed));
    assert!(guard.check("https://half.example").await.is_err(), "one private address spoils a name");
    let (none, _) = answering(&[], &[]);
    assert!(matches!(none.check("https://gone.example").await, Err(GuardError::Unresolved(_))));
    // The system's own resolver, which needs no network for this one.
    assert!(Guard::new(Vec::new()).check("http://localhost:1").await.is_err());
    assert!(Guard::new(networks(&["127.0.0.0/8", "::1"])).check("http://localhost:1").await.is_ok());
}

#[tokio::test]
async fn what_is_allowed_is_allowed_and_metadata_never() {
    let (guard, _) = answering(&["10.0.0.0/8", "169.254.0.0/16", "fd00::/8", "::/0", "0.0.0.0/0"], &["10.1.1.1"]);
    for url in [
        "http://10.2.3.4",
        "http://[::ffff:10.2.3.4]",
        "http://[fd12::1]",
        "https://inside.example",
        "http://127.0.0.1",
    ] {
        assert!(guard.check(url).await.is_ok(), "{url}");
    }
    for url in [
        "http://169.254.169.254",
        "http://[fd00:ec2::254]",
        "http://[::ffff:169.254.169.254]",
        "http://metadata.google.internal",
        "http://168.63.129.16",
    ] {
        assert!(matches!(guard.check(url).await, Err(GuardError::Metadata(_))), "{url}");
    }
    let (guard, _) = answering(&["10.0.0.0/8"], &["192.168.1.1"]);
    assert!(guard.check("https://inside.example").await.is_err());
}

#[test]
fn an_installation_on_sqlite_reaches_its_own_machine_and_one_on_postgres_does_not() {
    let mut config = crate::config::Config::default();
    assert!(Guard::configured(&config).check_url("http://127.0.0.1:5066").is_ok());
    assert!(Guard::configured(&config).check_url("http://10.0.0.1").is_err());
    config.database.url = "postgres://a@b/c".into();
    assert!(Guard::configured(&config).check_url("http://127.0.0.1:5066").is_err());
    config.outgoing.allow = networks(&["10.0.0.0/8"]);
    assert!(Guard::configured(&config).check_url("http://10.0.0.1").is_ok());
}

#[test]
fn the_url_that_was_checked_is_the_url_that_is_used() {
    let guard = Guard::new(networks(&["127.0.0.0/8"]));
    assert_eq!(guard.check_url("HTTP://0x7f.1:80/a").unwrap().as_str(), "http://127.0.0.1/a");
    assert_eq!(guard.check_url("https://bücher.example/x").unwrap().host_str(), Some("xn--bcher-kva.example"));
}

/// A server on loopback that answers every request with this, and counts them.
async fn server(answer: String) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut bytes = vec![0; 4096];
            let read = socket.read(&mut bytes).await.unwrap_or(0);
            log.lock().unwrap().push(String::from_utf8_lossy(&bytes[..read]).into_owned());
            drop(socket.write_all(answer.as_bytes()).await);
        }
    });
    (port, heard)
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi";
const DEADLINE: Duration = Duration::from_secs(10);

/// The name is public when it is checked and private when it is connected to: nothing is sent. And the other way round the
/// connection goes to the address of the look-up that was checked, there being no other.
#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let (port, heard) = server(OK.to_owned()).await;
    let (guard, asked) = answering(&[], &["93.184.215.14", "127.0.0.1"]);
    let url = format!("http://rebinding.example:{port}/");
    assert!(guard.check(&url).await.is_ok());
    let client = guard.client(DEADLINE).unwrap();
    let error = client.request(Method::GET, &url).unwrap().send().await.unwrap_err();
    assert!(format!("{error:?}").contains("NotPublic"), "{error:?}");
    assert!(heard.lock().unwrap().is_empty());
    assert_eq!(asked.load(Ordering::SeqCst), 2, "the connection asks for itself, once");

    // Loopback is allowed here, and the third answer would lead elsewhere.
    let (guard, asked) = answering(&["127.0.0.0/8"], &["127.0.0.1", "192.168.255.255"]);
    let client = guard.client(DEADLINE).unwrap();
    let answer = client.request(Method::GET, &url).unwrap().send().await.unwrap();
    assert_eq!(answer.remote_addr().unwrap().ip(), "127.0.0.1".parse::<IpAddr>().unwrap());
    assert_eq!((heard.lock().unwrap().len(), asked.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn redirects_are_checked_like_the_first_address() {
    let (inside, heard) = server(OK.to_owned()).await;
    // Reached by name through an allowed network; it sends on to an address that is not.
    for target in [
        "http://10.0.0.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        format!("http://[::1]:{inside}/"),
        format!("http://0:{inside}/"),
        "http://metadata.google.internal/".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("http://u:p@127.0.0.1:{inside}/"),
    ] {
        let moved =
            format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let (port, _) = server(moved).await;
        let client = Guard::new(networks(&["127.0.0.1"])).client(DEADLINE).unwrap();
        let result = client.request(Method::GET, &format!("http://127.0.0.1:{port}/")).unwrap().send().await;
        // Another scheme is not followed at all: the answer is then the redirect itself.
        let ended = result.as_ref().map_or(true, |answer| target.starts_with("file:") && answer.status() == 302);
        assert!(ended, "{target}: {result:?}");
    }
    assert!(heard.lock().unwrap().is_empty());
    // A good one is followed.
    let moved = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inside}/x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let (port, _) = server(moved.clone()).await;
    let client = Guard::new(networks(&["127.0.0.1"])).client(DEADLINE).unwrap();
    let answer = client.request(Method::GET, &format!("http://127.0.0.1:{port}/")).unwrap().send().await.unwrap();
    assert_eq!((answer.status().as_u16(), heard.lock().unwrap().len()), (200, 1));
    // One that goes round for ever ends.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let round = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut bytes = [0; 4096];
            drop(socket.read(&mut bytes).await);
            let answer = format!(
                "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{round}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            drop(socket.write_all(answer.as_bytes()).await);
        }
    });
    assert!(client.request(Method::GET, &format!("http://127.0.0.1:{round}/")).unwrap().send().await.is_err());
}
