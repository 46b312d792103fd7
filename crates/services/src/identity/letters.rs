//! What mails to people say, and sending them beside the request. A mail holds no password, and no link but to this
//! installation's own address ([`crate::Policy::base_url`]). It calls nobody by name: whoever gets it need not be who was meant.

use std::time::Duration;

use platform::mail::{Mail, MailError};

use crate::Context;

/// Tries to hand a message over, and the pauses before the second and third.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// What somebody is told about their own sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// There is a new password.
    PasswordChanged,
    /// Codes are asked for from now on.
    SecondFactorOn,
    /// Codes are asked for no more.
    SecondFactorOff,
}

/// Subject and text.
pub(super) struct Letter {
    subject: &'static str,
    text: String,
}

/// A code to sign in with.
pub(super) fn sign_in_code(base_url: &str, code: &str, minutes: i64) -> Letter {
    Letter {
        subject: "Your code for Wheelhouse",
        text: format!(
            "Somebody, you we hope, wants to sign in to Wheelhouse with this address, or to confirm something there.\n\n\
             Your code: {code}\n\n\
             Enter it at {base_url}\nIt works once, for {minutes} minutes.\n\n\
             If it was not you, there is nothing to do: without this code nobody gets in. Never pass it on; nobody of us \
             asks for it.\n"
        ),
    }
}

/// A link to a new password.
pub(super) fn reset_link(base_url: &str, token: &str, minutes: i64) -> Letter {
    Letter {
        subject: "A new password for Wheelhouse",
        text: format!(
            "Somebody, you we hope, has forgotten the password for Wheelhouse that belongs to this address.\n\n\
             Choose a new one here:\n{base_url}/reset-password#token={token}\n\n\
             The link works once, for {minutes} minutes. The new password ends all sessions.\n\n\
             If it was not you, there is nothing to do: your password stays as it is.\n"
        ),
    }
}

fn notice(base_url: &str, what: Notice) -> Letter {
    let (subject, said) = match what {
        Notice::PasswordChanged => ("Your password for Wheelhouse was changed", "Your password was changed."),
        Notice::SecondFactorOn => {
            ("A second factor protects your sign-in", "Signing in now asks for a code of your app.")
        }
        Notice::SecondFactorOff => {
            ("Your second factor was turned off", "Signing in no longer asks for a code of your app.")
        }
    };
    let text = format!(
        "{said}\n\nIf it was you, there is nothing to do. If it was not, choose a new password at once and tell your \
         administrator:\n{base_url}\n"
    );
    Letter { subject, text }
}

/// Tells somebody what happened to their own sign-in. Nothing waits for it, and nothing fails by it.
pub(crate) fn notify(ctx: &Context, to: &str, what: Notice) {
    if !ctx.mail.is_on() {
        return;
    }
    let letter = notice(&ctx.policy.now().base_url, what);
    let (ctx_, to) = (ctx.clone(), to.to_owned());
    ctx.mail.in_background(async move { deliver(&ctx_, &to, letter).await });
}

/// Hands a letter over, again after a while where the server does not answer. A failure is logged.
pub(super) async fn deliver(ctx: &Context, to: &str, letter: Letter) {
    let Letter { subject, text } = letter;
    let mail = Mail { id: ctx.env.new_id(), at: ctx.env.now(), to: to.to_owned(), subject: subject.to_owned(), text };
    let mut sent = ctx.mail.send(mail.clone()).await;
    for pause in PAUSES {
        if !sent.as_ref().is_err_and(MailError::retryable) {
            break;
        }
        tokio::time::sleep(pause).await;
        sent = ctx.mail.send(mail.clone()).await;
    }
    if let Err(error) = sent {
        tracing::warn!(error = &error as &dyn std::error::Error, subject, "a mail could not be sent");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://wheelhouse.example.org";

    #[test]
    fn every_link_is_to_ourselves() {
        let mut letters = vec![sign_in_code(BASE, "1234 5678", 10), reset_link(BASE, "abc-_", 30)];
        for what in [Notice::PasswordChanged, Notice::SecondFactorOn, Notice::SecondFactorOff] {
            letters.push(notice(BASE, what));
        }
        for letter in letters {
            let links: Vec<_> = letter.text.match_indices("://").collect();
            assert_eq!(links.len(), 1, "{}", letter.text);
            assert_eq!(letter.text.matches(BASE).count(), 1);
            assert!(letter.subject.is_ascii() && letter.text.is_ascii(), "no mail program can spoil it");
            assert!(letter.text.lines().all(|line| line.len() < 500), "no line is too long for SMTP");
        }
    }
}
