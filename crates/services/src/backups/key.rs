//! What backups are encrypted with: a file with age keys (`AGE-SECRET-KEY-1…`, which opens what it closes, or `age1…`, which
//! only closes), or with one line that is a passphrase. Not the vault's keys, which are never in a backup.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use age::{Decryptor, Encryptor, scrypt, x25519};
use platform::files::too_open;

use super::error::BackupError;

/// Bytes a key file has at most.
const MOST_BYTES: u64 = 64 * 1024;
/// Characters a passphrase has at least: what a machine made, not what somebody remembers.
const LEAST_PASSPHRASE: usize = 20;
/// The work that a passphrase takes, as a power of two (32 MiB of memory). It only slows down who guesses, and a passphrase of
/// that length is not guessed.
const WORK: u8 = 15;
/// Work beyond this is not done: a gigabyte of memory.
const MOST_WORK: u8 = 20;

/// What a backup is closed and opened with. Never printed.
pub struct BackupKey {
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    Keys { identities: Vec<x25519::Identity>, recipients: Vec<x25519::Recipient> },
    Passphrase(SecretString),
}

impl std::fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackupKey").field("path", &self.path).finish_non_exhaustive()
    }
}

impl BackupKey {
    /// Reads the file.
    ///
    /// # Errors
    /// [`BackupError::Key`] when it is not there, others may read it, or it holds no key.
    pub fn read(path: &Path) -> Result<Self, BackupError> {
        let fault = |problem: String| BackupError::Key { path: path.to_owned(), problem };
        let file = std::fs::File::open(path).map_err(|error| fault(error.to_string()))?;
        let open_to = too_open(&file.metadata().map_err(|error| fault(error.to_string()))?);
        let mut text = String::new();
        file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| fault(error.to_string()))?;
        let kind = parse(&text).map_err(&fault)?;
        // What only closes is no secret.
        if let Some(mode) = open_to.filter(|_| kind.opens()) {
            return Err(fault(format!("it may be read or changed by others (mode {mode:o}); chmod 600 it")));
        }
        Ok(Self { path: path.to_owned(), kind })
    }

    /// Whether it opens what it closes.
    #[must_use]
    pub fn opens(&self) -> bool {
        self.kind.opens()
    }

    /// What closes a backup.
    pub(super) fn encryptor(&self) -> Result<Encryptor, BackupError> {
        let encryptor = match &self.kind {
            Kind::Keys { identities, recipients } => {
                let own: Vec<_> = identities.iter().map(x25519::Identity::to_public).collect();
                Encryptor::with_recipients(own.iter().chain(recipients).map(|key| key as &dyn age::Recipient))
            }
            Kind::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(WORK);
                Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            }
        };
        encryptor.map_err(|error| BackupError::Key { path: self.path.clone(), problem: error.to_string() })
    }

    /// Opens a backup: what is read from it then is what was written.
    pub(super) fn open<R: std::io::Read>(
        &self,
        file: &Path,
        decryptor: Decryptor<R>,
    ) -> Result<age::stream::StreamReader<R>, BackupError> {
        let opened = match &self.kind {
            Kind::Keys { identities, .. } if identities.is_empty() => {
                let problem = "it only closes backups; name the file with AGE-SECRET-KEY-1… to read one".to_owned();
                return Err(BackupError::Key { path: self.path.clone(), problem });
            }
            Kind::Keys { identities, .. } => {
                decryptor.decrypt(identities.iter().map(|identity| identity as &dyn age::Identity))
            }
            Kind::Passphrase(passphrase) => {
                let mut identity = scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(MOST_WORK);
                decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity))
            }
        };
        opened.map_err(|error| match error {
            age::DecryptError::NoMatchingKeys
            | age::DecryptError::DecryptionFailed
            | age::DecryptError::KeyDecryptionFailed => BackupError::WrongKey(file.to_owned()),
            age::DecryptError::ExcessiveWork { required, .. } => BackupError::damaged(
                file,
                format!("its passphrase takes 2^{required} rounds, and 2^{MOST_WORK} are the most"),
            ),
            other => BackupError::damaged(file, other.to_string()),
        })
    }
}

impl Kind {
    fn opens(&self) -> bool {
        match self {
            Self::Keys { identities, .. } => !identities.is_empty(),
            Self::Passphrase(_) => true,
        }
    }
}

fn parse(text: &str) -> Result<Kind, String> {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let is_key = |line: &str| line.starts_with("AGE-SECRET-KEY-") || line.starts_with("age1");
    match lines.as_slice() {
        [] => Err("it is empty; write age keys or a passphrase into it".to_owned()),
        [passphrase] if !is_key(passphrase) => {
            if passphrase.chars().count() < LEAST_PASSPHRASE {
                return Err(format!("a passphrase has at least {LEAST_PASSPHRASE} characters; let a machine make one"));
            }
            Ok(Kind::Passphrase(SecretString::from((*passphrase).to_owned())))
        }
        lines => {
            let (mut identities, mut recipients) = (Vec::new(), Vec::new());
            for (at, line) in lines.iter().enumerate() {
                // The line is never quoted: it may be a secret.
                let bad = |why: &str| format!("key {} is none: {why}", at + 1);
                if line.starts_with("AGE-SECRET-KEY-") {
                    identities.push(line.parse().map_err(bad)?);
                } else if line.starts_with("age1") {
                    recipients.push(line.parse().map_err(bad)?);
                } else {
                    return Err(bad("write AGE-SECRET-KEY-1…, age1…, or a passphrase alone"));
                }
            }
            Ok(Kind::Keys { identities, recipients })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use std::os::unix::fs::PermissionsExt as _;

    use age::secrecy::ExposeSecret as _;

    use super::*;

    fn read(text: &str, mode: u32) -> Result<BackupKey, BackupError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.key");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        BackupKey::read(&file)
    }

    #[test]
    fn a_key_file_holds_keys_or_a_passphrase_and_is_private() {
        let identity = x25519::Identity::generate();
        let (secret, public) = (identity.to_string().expose_secret().to_owned(), identity.to_public().to_string());
        assert!(read(&format!("# made today\n{secret}\n"), 0o600).unwrap().opens());
        assert!(!read(&public, 0o644).unwrap().opens(), "what only closes is no secret");
        assert!(read(&format!("{public}\n{secret}"), 0o440).unwrap().opens());
        assert!(read("correct horse battery staple\n", 0o600).unwrap().opens());
        for (text, mode, words) in [
            ("", 0o600, "empty"),
            ("short", 0o600, "20 characters"),
            ("two lines of words\nare no passphrase", 0o600, "key 1"),
            ("age1nonsense", 0o600, "key 1"),
            (format!("{secret}\nAGE-SECRET-KEY-1HUSH").as_str(), 0o600, "key 2"),
            (secret.as_str(), 0o644, "chmod 600"),
        ] {
            let refused = read(text, mode).unwrap_err().to_string();
            assert!(refused.contains(words) && !refused.contains("HUSH"), "{refused}");
        }
        let shown = format!("{:?}", read(&secret, 0o600).unwrap());
        assert!(!shown.contains(&secret), "{shown}");
    }
}
