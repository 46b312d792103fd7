//! What we take for an e-mail address: one `@`, something on both sides, a host that could be one. Whether mail arrives is
//! found out by sending some; this only catches slips of the hand.

/// Most characters of an address (RFC 5321 §4.5.3.1.3, less the angle brackets).
pub const EMAIL_MAX: usize = 254;

/// Whether the text can be an e-mail address.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let clean = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    let host_ok = !host.starts_with(['.', '-']) && !host.ends_with(['.', '-']) && !host.contains("..");
    clean(local) && clean(host) && host_ok && !local.contains('@') && text.chars().count() <= EMAIL_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_caught() {
        for good in ["a@example.com", "a.b+c@host", "ö@bücher.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@host", "a@", "a@@host", "a@b@c", "a b@host", "a@ho st", "a@.host", "a@host.", "a@ho..st"]
        {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("{}@host", "a".repeat(EMAIL_MAX))));
    }
}
