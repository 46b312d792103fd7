//! A mail server that keeps what it is given, for tests: plain SMTP on loopback, enough of RFC 5321 for one client. Not a
//! server for anything else: it believes every sender.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// No message takes longer to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// How it treats those who connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes every message.
    Takes,
    /// Accepts the connection and says nothing, ever.
    Silent,
    /// Says of every recipient: not now.
    Later,
    /// Says of every recipient: never.
    Never,
}

/// A message as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// The header lines, unfolded.
    pub headers: Vec<String>,
    /// The text, decoded.
    pub text: String,
}

/// The server. It ends with the test's runtime.
#[derive(Debug, Clone)]
pub struct SmtpSink {
    address: std::net::SocketAddr,
    kept: Arc<Mutex<Vec<Received>>>,
    changed: Arc<Notify>,
}

impl SmtpSink {
    /// Starts it on a port of its own.
    ///
    /// # Errors
    /// Loopback has no port.
    pub async fn start(manner: Manner) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let sink = Self { address: listener.local_addr()?, kept: Arc::default(), changed: Arc::default() };
        let serving = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                // A client that goes away in the middle is no matter.
                tokio::spawn(async move { serving.serve(stream, manner).await.unwrap_or_default() });
            }
        });
        Ok(sink)
    }

    /// Its URL for the configuration.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// What it was given so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The message after the first `known`, once it is there.
    ///
    /// # Errors
    /// It does not come.
    pub async fn next(&self, known: usize) -> Result<Received> {
        let found = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if let Some(message) = self.received().into_iter().nth(known) {
                    return message;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, found).await.context("no mail came")
    }

    async fn serve(&self, stream: TcpStream, manner: Manner) -> std::io::Result<()> {
        let (reading, mut writing) = stream.into_split();
        let mut lines = BufReader::new(reading).split(b'\n');
        if manner == Manner::Silent {
            while lines.next_segment().await?.is_some() {}
            return Ok(());
        }
        writing.write_all(b"220 sink\r\n").await?;
        let (mut from, mut to) = (String::new(), Vec::new());
        while let Some(line) = lines.next_segment().await? {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "MAIL" => {
                    from = address(&line);
                    "250 yes"
                }
                "RCPT" if manner == Manner::Later => "451 later",
                "RCPT" if manner == Manner::Never => "550 never",
                "RCPT" => {
                    to.push(address(&line));
                    "250 yes"
                }
                "DATA" => {
                    writing.write_all(b"354 go on\r\n").await?;
                    let mut data = String::new();
                    while let Some(line) = lines.next_segment().await? {
                        let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
                        if line == "." {
                            break;
                        }
                        data.push_str(line.strip_prefix('.').unwrap_or(&line));
                        data.push('\n');
                    }
                    let (from, to) = (std::mem::take(&mut from), std::mem::take(&mut to));
                    self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(received(from, to, &data));
                    self.changed.notify_waiters();
                    "250 kept"
                }
                "QUIT" => {
                    writing.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                "EHLO" => "250 sink",
                _ => "250 yes",
            };
            writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}

/// What stands between the angle brackets of an envelope's command.
fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    inner.unwrap_or_default().to_owned()
}

fn received(from: String, to: Vec<String>, data: &str) -> Received {
    let (head, body) = data.split_once("\n\n").unwrap_or((data, ""));
    let mut headers: Vec<String> = Vec::new();
    for line in head.lines() {
        match headers.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
            _ => headers.push(line.to_owned()),
        }
    }
    let quoted =
        headers.iter().any(|header| header.eq_ignore_ascii_case("content-transfer-encoding: quoted-printable"));
    Received { from, to, text: if quoted { unquoted(body) } else { body.to_owned() }, headers }
}

/// Quoted-printable (RFC 2045, 6.7) taken back.
fn unquoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let [first, tail @ ..] = rest {
        let code = (*first == b'=').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
