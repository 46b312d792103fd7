//! Outgoing mail: one plain-text message to one person over SMTP, within a deadline. Off where no server is configured.
//!
//! TLS is not optional: `smtps://` from the first byte, `smtp://` by STARTTLS, without which nothing is sent. A server on this
//! machine (a loopback address) is spoken to in the clear. Not a queue: who sends decides what a failure means. Not the
//! place for what mails say: that is `services`.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::{AsyncSmtpTransport, Error as SmtpError};
use lettre::{Address, AsyncTransport as _, Tokio1Executor};
use reqwest::Url;
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use crate::config::MailConfig;

/// Work beside requests that may go on at once.
const TURNS: u32 = 64;
/// Longest subject, characters.
const MAX_SUBJECT: usize = 200;

/// A message to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Becomes its Message-ID, so that mail programs tell two apart.
    pub id: Uuid,
    /// Its date.
    pub at: DateTime<Utc>,
    /// The address it goes to.
    pub to: String,
    /// The subject. Line breaks and other control characters in it become blanks.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Without address and text: both are personal, and the text may hold a code or a link.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a message was not sent. `Display` is for people; the server's own words are in the source.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// No server is configured.
    #[error("this installation sends no mail: mail.smtp_url is not set")]
    Off,
    /// No message can be addressed like that.
    #[error("the address is none that mail can be sent to")]
    Address,
    /// The server does not answer, or says "not now". The same message may be taken later.
    #[error("the mail server does not take mail now")]
    Unavailable(#[source] Option<Box<SmtpError>>),
    /// The server does not take this message, or does not speak with us.
    #[error("the mail server refused the message")]
    Refused(#[source] Box<SmtpError>),
    /// Our fault: a message that can't be written.
    #[error("the message could not be written")]
    Unwritable(#[source] lettre::error::Error),
}

impl MailError {
    /// Whether the same message may be taken later without anybody changing anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// What is wrong with the settings of `[mail]`.
#[derive(Debug, thiserror::Error)]
pub enum MailConfigError {
    /// A server, but nobody who writes.
    #[error("mail.from is not set; write the sender, such as Wheelhouse <wheelhouse@example.org>")]
    NoSender,
    /// The sender is no mailbox.
    #[error("mail.from is no sender; write it like Wheelhouse <wheelhouse@example.org>")]
    Sender(#[source] lettre::address::AddressError),
    /// The server's URL can't be used.
    #[error("mail.smtp_url can't be used; write smtps://user:password@host:465 or smtp://user:password@host:587")]
    Server(#[source] Option<Box<SmtpError>>),
}

#[derive(Clone)]
enum Way {
    Off,
    Smtp(Arc<Smtp>),
    Memory(Arc<Memory>),
}

struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    deadline: Duration,
}

#[derive(Default)]
struct Memory {
    sent: Mutex<Vec<Mail>>,
    changed: Notify,
}

/// Sends mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    way: Way,
    /// Work beside requests that may go on at once.
    turns: Arc<Semaphore>,
}

impl Mailer {
    /// As configured: over SMTP, or off.
    ///
    /// # Errors
    /// [`MailConfigError`].
    pub fn from_config(config: &MailConfig) -> Result<Self, MailConfigError> {
        let Some(url) = &config.smtp_url else { return Ok(Self::off()) };
        let from = config.from.as_deref().ok_or(MailConfigError::NoSender)?;
        let from: Mailbox = from.parse().map_err(MailConfigError::Sender)?;
        crate::http::install_crypto_provider();
        let url = with_tls(url.expose()).ok_or(MailConfigError::Server(None))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
            .map_err(|error| MailConfigError::Server(Some(Box::new(error))))?
            .timeout(Some(config.deadline()))
            .build();
        Ok(Self::of(Way::Smtp(Arc::new(Smtp { transport, from, deadline: config.deadline() }))))
    }

    /// Sends nothing and says so.
    #[must_use]
    pub fn off() -> Self {
        Self::of(Way::Off)
    }

    /// Keeps what is sent, for tests: see [`Mailer::kept`].
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of(Way::Memory(Arc::default()))
    }

    fn of(way: Way) -> Self {
        Self { way, turns: Arc::new(Semaphore::new(TURNS as usize)) }
    }

    /// Does what ends in a message beside the request that asks for it, so that the answer says nothing about it, not even by the
    /// time it takes. At most 64 at once: with more, nothing is done and the log says so. What a stop of the process interrupts is
    /// lost; who waits for the mail asks again.
    pub fn in_background(&self, work: impl Future<Output = ()> + Send + 'static) {
        match Arc::clone(&self.turns).try_acquire_owned() {
            Ok(turn) => drop(tokio::spawn(async move {
                work.await;
                drop(turn);
            })),
            Err(_) => tracing::warn!("more mail is asked for than can be sent; some was not"),
        }
    }

    /// Waits until nothing of [`Mailer::in_background`] goes on.
    pub async fn idle(&self) {
        // An error says that the semaphore was closed, which nobody does.
        drop(self.turns.acquire_many(TURNS).await);
    }

    /// Whether mail can be sent at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !matches!(self.way, Way::Off)
    }

    /// Sends a message; it is with the server when this returns well. Ends within the configured deadline.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        match &self.way {
            Way::Off => Err(MailError::Off),
            Way::Memory(memory) => {
                // The same checks as on the way out, so that a test sees what the server would not.
                let from = Mailbox::new(None, Address::new("test", "localhost").map_err(|_| MailError::Address)?);
                message(&mail, from)?;
                memory.sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                memory.changed.notify_waiters();
                Ok(())
            }
            Way::Smtp(server) => {
                let message = message(&mail, server.from.clone())?;
                match tokio::time::timeout(server.deadline, server.transport.send(message)).await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) if error.is_permanent() || error.is_client() || error.is_tls() => {
                        Err(MailError::Refused(Box::new(error)))
                    }
                    Ok(Err(error)) => Err(MailError::Unavailable(Some(Box::new(error)))),
                    Err(_) => Err(MailError::Unavailable(None)),
                }
            }
        }
    }

    /// What was sent so far, where it is kept in memory; otherwise nothing.
    #[must_use]
    pub fn kept(&self) -> Vec<Mail> {
        match &self.way {
            Way::Memory(memory) => memory.sent.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            _ => Vec::new(),
        }
    }

    /// The first message after the first `known` that goes to that address, once it is there. Only where it is kept in memory;
    /// otherwise it waits for ever.
    pub async fn next_to(&self, to: &str, known: usize) -> Mail {
        let Way::Memory(memory) = &self.way else { return std::future::pending().await };
        loop {
            let changed = memory.changed.notified();
            tokio::pin!(changed);
            // Before looking, so that what comes in between is not missed.
            changed.as_mut().enable();
            if let Some(mail) = self.kept().into_iter().skip(known).find(|mail| mail.to == to) {
                return mail;
            }
            changed.await;
        }
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.way {
            Way::Off => "Mailer(off)",
            Way::Smtp(_) => "Mailer(smtp)",
            Way::Memory(_) => "Mailer(memory)",
        })
    }
}

/// The URL with STARTTLS demanded, unless it is TLS anyway or goes no further than this machine.
fn with_tls(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let here = host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback());
    // Whatever the query says: there is no way to ask for less.
    url.set_query((url.scheme() == "smtp" && !here).then_some("tls=required"));
    Some(url.into())
}

fn message(mail: &Mail, from: Mailbox) -> Result<Message, MailError> {
    // An address is taken apart, never pasted: no name, no second address, no line break can come with it.
    let to: Address = mail.to.parse().map_err(|_| MailError::Address)?;
    if mail.to.chars().any(char::is_control) {
        return Err(MailError::Address);
    }
    let subject: String =
        mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_SUBJECT).collect();
    let id = format!("<{}@{}>", mail.id.simple(), from.email.domain());
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(subject)
        .date(SystemTime::from(mail.at))
        .message_id(Some(id))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())
        .map_err(MailError::Unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretUrl;

    fn mail(to: &str, subject: &str) -> Mail {
        let at = DateTime::from_timestamp(1_772_366_400, 0).unwrap();
        Mail { id: Uuid::from_u128(7), at, to: to.into(), subject: subject.into(), text: "Moth\n.\nRelay ö".into() }
    }

    fn config(url: &str, from: Option<&str>) -> MailConfig {
        MailConfig { smtp_url: Some(SecretUrl::from(url)), from: from.map(str::to_owned), deadline_seconds: 1 }
    }

    #[test]
    fn tls_is_demanded_wherever_mail_leaves_the_machine() {
        for (url, asked) in [
            ("smtp://a:b@mail.example.com:587", "smtp://a:b@mail.example.com:587?tls=required"),
            ("smtp://mail.example.com?tls=opportunistic", "smtp://mail.example.com?tls=required"),
            ("smtps://a@mail.example.com", "smtps://a@mail.example.com"),
            ("smtp://localhost:25?tls=required", "smtp://localhost:25"),
            ("smtp://127.0.0.1:25", "smtp://127.0.0.1:25"),
            ("smtp://[::1]:25", "smtp://[::1]:25"),
            ("smtp://127.0.0.1.example.com:25", "smtp://127.0.0.1.example.com:25?tls=required"),
            ("smtp://10.0.0.1", "smtp://10.0.0.1?tls=required"),
        ] {
            assert_eq!(with_tls(url).as_deref(), Some(asked), "{url}");
        }
        assert_eq!(with_tls("smtp:"), None);
    }

    #[tokio::test]
    async fn settings_are_checked_at_start() {
        assert!(matches!(Mailer::from_config(&config("smtp://host", None)), Err(MailConfigError::NoSender)));
        let odd = Mailer::from_config(&config("smtp://host", Some("nobody")));
        assert!(matches!(odd, Err(MailConfigError::Sender(_))));
        let none = MailConfig { smtp_url: None, ..config("smtp://host", None) };
        let off = Mailer::from_config(&none).unwrap();
        assert!(!off.is_on());
        assert!(matches!(off.send(mail("a@example.com", "x")).await, Err(MailError::Off)));
        assert!(Mailer::from_config(&config("smtps://u:p%40@host", Some("W <w@example.org>"))).unwrap().is_on());
    }

    #[tokio::test]
    async fn nothing_can_be_slipped_into_the_headers() {
        let mailer = Mailer::in_memory();
        for to in [
            "a@example.com\r\nBcc: b@example.com",
            "a@example.com\n",
            "a@example.com, b@example.com",
            "A <a@example.com>",
            "a@exa mple.com",
            "",
        ] {
            assert!(matches!(mailer.send(mail(to, "x")).await, Err(MailError::Address)), "{to:?}");
        }
        assert!(mailer.kept().is_empty());
        let from: Mailbox = "Wheelhouse <w@example.org>".parse().unwrap();
        let written = message(&mail("a@example.com", "Hello\r\nBcc: b@example.com\r\n\r\nx\0"), from).unwrap();
        let text = String::from_utf8(written.formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{head}");
        assert_eq!(written.envelope().to().len(), 1);
        assert!(head.contains("Date: Sun, 01 Mar 2026 12:00:00"), "{head}");
    }

    #[tokio::test]
    async fn a_silent_server_ends_in_time() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let mailer = Mailer::from_config(&config(&url, Some("w@example.org"))).unwrap();
        let error = mailer.send(mail("a@example.com", "x")).await.unwrap_err();
        assert!(error.retryable(), "{error:?}");
    }

    #[tokio::test]
    async fn a_waiting_test_gets_the_next_message() {
        let mailer = Mailer::in_memory();
        let (next, sent) = tokio::join!(mailer.next_to("b@example.com", 0), async {
            mailer.send(mail("a@example.com", "one")).await?;
            mailer.send(mail("b@example.com", "two")).await
        });
        sent.unwrap();
        assert_eq!(next.subject, "two");
    }
}
