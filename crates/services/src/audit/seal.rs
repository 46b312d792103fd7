//! Signatures of checkpoints and cuts: Ed25519 over a line of text that holds everything the line says. Whoever has the
//! public key can check them with other tools (docs/audit-log.md).

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::repo::audit::Tip;

/// The version of the lines.
const VERSION: u8 = 1;
/// What stands before the key in its DER form (RFC 8410): this is Ed25519.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What can go wrong with keys, signatures and their files.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A file or folder can't be read or written.
    #[error("{what} {path}: {source}")]
    File {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: String,
        /// Why it did not work.
        source: std::io::Error,
    },
    /// The signing key is none.
    #[error("{0} holds no signing key: a line of base64, 32 bytes")]
    Key(String),
    /// The public key is none.
    #[error("this is no Ed25519 public key (PEM, or the base64 between its lines)")]
    PublicKey,
    /// A task of ours was stopped.
    #[error("it was stopped")]
    Stopped,
}

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The log ended there.
    Checkpoint,
    /// Everything up to there was removed.
    Cut,
}

impl LineKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Cut => "cut",
        }
    }
}

/// A signed line, one JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The version of this shape.
    pub v: u8,
    /// What it says.
    pub kind: LineKind,
    /// The entry.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// When it was signed, RFC 3339.
    pub at: String,
    /// The key's id: the first 16 hexadecimal letters of the SHA-256 of its 32 bytes.
    pub key: String,
    /// The signature, base64.
    pub sig: String,
}

impl Line {
    /// What is signed.
    fn signed_text(&self) -> String {
        let Self { v, kind, seq, hash, at, key, .. } = self;
        format!("wheelhouse-audit|{v}|{}|{seq}|{hash}|{at}|{key}", kind.as_str())
    }

    /// The line as it is written.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a line is plain data")
    }

    /// The place that it signs.
    #[must_use]
    pub fn tip(&self) -> Tip {
        Tip { seq: self.seq, hash: self.hash.clone() }
    }

    /// When it was signed; `None` when that can't be read.
    #[must_use]
    pub fn signed_at(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(&self.at).ok().map(|at| at.to_utc())
    }

    /// Whether this is only the beginning of a line: whoever wrote it died, or its disk was full. (What is whole and wrong is not.)
    #[must_use]
    pub fn is_torn(text: &str) -> bool {
        let text = text.trim_end_matches('\0');
        text.is_empty() || serde_json::from_str::<Self>(text).is_err_and(|error| error.is_eof())
    }

    /// Reads a line and checks its signature.
    ///
    /// # Errors
    /// Why it counts for nothing, in words.
    pub fn checked(text: &str, trusted: &[PublicKey]) -> Result<Self, &'static str> {
        let line: Self = serde_json::from_str(text).map_err(|_| "it can't be read")?;
        if line.v != VERSION || line.seq < 1 {
            return Err("it is of no kind that this version knows");
        }
        let key = trusted.iter().find(|key| key.id() == line.key).ok_or("no key that is trusted has signed it")?;
        let sig = STANDARD.decode(&line.sig).map_err(|_| "its signature can't be read")?;
        let fits = UnparsedPublicKey::new(&ED25519, key.0).verify(line.signed_text().as_bytes(), &sig).is_ok();
        if fits { Ok(line) } else { Err("its signature is wrong") }
    }
}

/// A key that checks signatures. `Display` is its DER form in base64: a PEM file without its first and last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Its id in lines.
    #[must_use]
    pub fn id(&self) -> String {
        Sha256::digest(self.0)[..8].iter().fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
    }

    /// The key as a PEM file.
    #[must_use]
    pub fn pem(&self) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{self}\n-----END PUBLIC KEY-----\n")
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode([SPKI.as_slice(), &self.0].concat()))
    }
}

impl std::str::FromStr for PublicKey {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let base64: String = text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let der = STANDARD.decode(base64).map_err(|_| SealError::PublicKey)?;
        let key = der.strip_prefix(&SPKI).ok_or(SealError::PublicKey)?;
        key.try_into().map(Self).map_err(|_| SealError::PublicKey)
    }
}

/// A key that signs.
pub(super) struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// From its 32 secret bytes.
    pub(super) fn from_seed(seed: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    pub(super) fn public(&self) -> PublicKey {
        let mut key = [0; 32];
        key.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(key)
    }

    /// A signed line about that place.
    pub(super) fn sign(&self, kind: LineKind, tip: &Tip, at: DateTime<Utc>) -> Line {
        let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let (key, sig) = (self.public().id(), String::new());
        let mut line = Line { v: VERSION, kind, seq: tip.seq, hash: tip.hash.clone(), at, key, sig };
        line.sig = STANDARD.encode(self.0.sign(line.signed_text().as_bytes()).as_ref());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32]).unwrap()
    }

    fn line() -> Line {
        let tip = Tip { seq: 7, hash: "ab".repeat(32) };
        key(1).sign(LineKind::Checkpoint, &tip, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn only_what_was_signed_counts() {
        let trusted = [key(2).public(), key(1).public()];
        let good = line();
        assert_eq!(Line::checked(&good.text(), &trusted), Ok(good.clone()));
        let forged = [
            Line { seq: 6, ..good.clone() },
            Line { hash: "ac".repeat(32), ..good.clone() },
            Line { kind: LineKind::Cut, ..good.clone() },
            Line { at: "2026-01-01T00:00:00.000000Z".into(), ..good.clone() },
            Line { key: key(2).public().id(), ..good.clone() },
            Line { sig: STANDARD.encode([0; 64]), ..good.clone() },
            Line { v: 2, ..good.clone() },
        ];
        for forged in forged {
            assert!(Line::checked(&forged.text(), &trusted).is_err(), "{forged:?}");
        }
        assert_eq!(Line::checked(&good.text(), &trusted[..1]), Err("no key that is trusted has signed it"));
        assert!(Line::checked("{}", &trusted).is_err());
    }

    #[test]
    fn a_torn_line_is_told_from_a_forged_one() {
        let good = line().text();
        for end in 0..good.len() {
            assert!(Line::is_torn(&good[..end]), "{end}");
        }
        assert!(Line::is_torn(&format!("{}\0\0\0", &good[..40])));
        for other in
            [good.as_str(), "{}", "not a line", "[1]", &good.replace("\"v\"", "\"w\""), &format!("{good}{good}")]
        {
            assert!(!Line::is_torn(other), "{other}");
        }
    }

    #[test]
    fn public_keys_travel_as_pem() {
        let public = key(1).public();
        assert_eq!(public.pem().parse::<PublicKey>().unwrap(), public);
        assert_eq!(public.to_string().parse::<PublicKey>().unwrap(), public);
        assert!(public.to_string().starts_with("MCowBQYDK2VwAyEA"));
        for bad in ["", "!", "MCowBQYDK2VwAyEA", &STANDARD.encode([0; 44])] {
            assert!(bad.parse::<PublicKey>().is_err(), "{bad}");
        }
    }
}
