//! Passwords: the rules for new ones, and Argon2id kept off the async threads. Not sign-in itself (`service.rs`).

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::env::Random;
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const MIN_CHARS: usize = 8;
/// Most characters of a password.
pub const MAX_CHARS: usize = 128;

/// Memory of one hash, KiB (RFC 9106 and OWASP's second choice: 19 MiB, two passes, one lane).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error("use at least {MIN_CHARS} characters")]
    TooShort,
    /// Too many characters.
    #[error("use at most {MAX_CHARS} characters")]
    TooLong,
    /// One of those that are tried first.
    #[error("this is one of the passwords that are tried first; choose another")]
    Common,
    /// The e-mail address or its first part.
    #[error("don't use your e-mail address as the password")]
    Email,
}

impl WeakPassword {
    /// A stable code for the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::Common => "common",
            Self::Email => "is_email",
        }
    }
}

/// Whether a new password may be taken for the user of that e-mail address.
///
/// # Errors
/// The first [`WeakPassword`] rule that it breaks.
pub fn check_new(password: &str, email: &str) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < MIN_CHARS {
        return Err(WeakPassword::TooShort);
    }
    if length > MAX_CHARS {
        return Err(WeakPassword::TooLong);
    }
    let lower = password.to_lowercase();
    let email = email.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    if lower == email || lower == local {
        return Err(WeakPassword::Email);
    }
    if common::is_worn(&lower) { Err(WeakPassword::Common) } else { Ok(()) }
}

/// Hashing failed. That is a fault of ours (no memory, a damaged row), never of what somebody typed.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashingFailed(String);

/// Argon2id with a limit: at most as many hashes at once as there are cores, since each takes 19 MiB and one core.
#[derive(Clone)]
pub struct PasswordHasher {
    random: Random,
    permits: Arc<Semaphore>,
    /// A hash that no password fits, so that an unknown user costs the same time as a known one.
    nobody: Arc<str>,
    memory_kib: u32,
    hashes: Arc<AtomicU64>,
}

impl PasswordHasher {
    /// A hasher that takes its salts from `random`.
    ///
    /// # Errors
    /// When even one hash cannot be made: too little memory.
    pub fn new(random: Random) -> Result<Self, HashingFailed> {
        Self::with_memory(random, MEMORY_KIB)
    }

    /// A hasher with another memory cost, KiB: small for tests. Existing hashes keep the cost they were made with.
    ///
    /// # Errors
    /// When even one hash cannot be made.
    pub fn with_memory(random: Random, memory_kib: u32) -> Result<Self, HashingFailed> {
        let cores = available_parallelism().map_or(2, usize::from);
        let nobody = hash_now(&random.bytes::<32>(), &random.bytes(), memory_kib)?;
        Ok(Self {
            random,
            permits: Arc::new(Semaphore::new(cores)),
            nobody: nobody.into(),
            memory_kib,
            hashes: Arc::default(),
        })
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// [`HashingFailed`].
    pub async fn hash(&self, password: &str) -> Result<String, HashingFailed> {
        let (salt, memory_kib, password) = (self.random.bytes::<16>(), self.memory_kib, password.to_owned());
        self.off_thread(move || hash_now(password.as_bytes(), &salt, memory_kib)).await
    }

    /// Whether the password fits the stored PHC string. With `None` (no such user) it takes the same time and says no.
    ///
    /// # Errors
    /// [`HashingFailed`] when the stored string is damaged.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, HashingFailed> {
        let known = stored.is_some();
        let hash = stored.map_or_else(|| self.nobody.to_string(), str::to_owned);
        let password = password.to_owned();
        let fits = self
            .off_thread(move || {
                let parsed = PasswordHash::new(&hash).map_err(|error| HashingFailed(error.to_string()))?;
                match Argon2::default().verify_password(password.as_bytes(), &parsed) {
                    Ok(()) => Ok(true),
                    Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                    Err(error) => Err(HashingFailed(error.to_string())),
                }
            })
            .await?;
        Ok(fits && known)
    }

    /// Whether a stored hash is weaker than what [`PasswordHasher::hash`] makes: another algorithm or version, less memory, fewer
    /// passes. What can't be read is not: `verify` says so.
    #[must_use]
    pub fn is_outdated(&self, stored: &str) -> bool {
        let Ok(hash) = PasswordHash::new(stored) else { return false };
        let weaker = |name: &str, wanted: u32| hash.params.get_decimal(name).is_none_or(|value| value < wanted);
        hash.algorithm.as_str() != "argon2id"
            || hash.version.is_none_or(|version| version < u32::from(Version::V0x13))
            || weaker("m", self.memory_kib)
            || weaker("t", PASSES)
    }

    /// How many hashes were made or checked, of this hasher and its clones.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashingFailed> + Send + 'static,
    ) -> Result<T, HashingFailed> {
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await.map_err(|error| HashingFailed(error.to_string()))?;
        // The permit goes along: a request that is dropped meanwhile does not end the hashing.
        let counted = move || {
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(counted).await.map_err(|error| HashingFailed(error.to_string()))?
    }
}

impl std::fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHasher")
    }
}

fn hash_now(password: &[u8], salt: &[u8; 16], memory_kib: u32) -> Result<String, HashingFailed> {
    let params = Params::new(memory_kib, PASSES, LANES, None).map_err(|error| HashingFailed(error.to_string()))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash =
        argon2.hash_password_with_salt(password, salt).map_err(|error| HashingFailed(error.to_string()))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> PasswordHasher {
        PasswordHasher::with_memory(Random::new(|bytes| bytes.fill(7)), 64).unwrap()
    }

    #[test]
    fn new_passwords_follow_the_rules() {
        let check = |password: &str| check_new(password, "Grace.Hopper@example.com");
        assert_eq!(check("seven77"), Err(WeakPassword::TooShort));
        assert_eq!(check(&"é".repeat(129)), Err(WeakPassword::TooLong));
        assert_eq!(check(&"añ".repeat(64)), Ok(()), "128 characters, more bytes");
        for worn in ["Password", "password123", "Passw0rd!", "12345678", "aaaaaaaa", "Wheelhouse1", "Summer2026!"] {
            assert_eq!(check(worn), Err(WeakPassword::Common), "{worn}");
        }
        assert_eq!(check("grace.hopper"), Err(WeakPassword::Email));
        assert_eq!(check("GRACE.HOPPER@example.com"), Err(WeakPassword::Email));
        assert_eq!(check("moth in relay 70"), Ok(()));
    }

    #[tokio::test]
    async fn only_the_right_password_fits_and_nobody_has_none() {
        let hasher = hasher();
        let hash = hasher.hash("moth in relay 70").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("moth in relay 70", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("moth in relay 71", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("anything", None).await.unwrap());
        assert!(hasher.verify("anything", Some("damaged")).await.is_err());
    }

    #[test]
    fn hashes_that_are_weaker_than_new_ones_are_outdated() {
        let hasher = PasswordHasher::with_memory(Random::new(|bytes| bytes.fill(7)), 128).unwrap();
        let of = |algorithm, memory, passes| {
            let argon2 = Argon2::new(algorithm, Version::V0x13, Params::new(memory, passes, 1, None).unwrap());
            let hash: PasswordHash = argon2.hash_password_with_salt(b"x", &[7; 16]).unwrap();
            hash.to_string()
        };
        assert!(!hasher.is_outdated(&of(Algorithm::Argon2id, 128, 2)));
        assert!(!hasher.is_outdated(&of(Algorithm::Argon2id, 256, 3)), "stronger stays");
        assert!(hasher.is_outdated(&of(Algorithm::Argon2id, 127, 2)));
        assert!(hasher.is_outdated(&of(Algorithm::Argon2id, 256, 1)));
        assert!(hasher.is_outdated(&of(Algorithm::Argon2i, 128, 2)));
        let older = of(Algorithm::Argon2id, 128, 2).replace("v=19", "v=16");
        assert!(hasher.is_outdated(&older), "{older}");
        assert!(!hasher.is_outdated("damaged"));
    }

    #[test]
    fn the_cost_is_what_is_promised() {
        let hash = hash_now(b"x", &[1; 16], MEMORY_KIB).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}
