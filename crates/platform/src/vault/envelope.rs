//! The sealed text: `v1.<version of the master key>.<wrapped data key>.<value>`, the last two base64url of nonce, ciphertext
//! and tag. Pure but for the randomness handed in. Another cipher would be another first word, beside this one.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::VaultError;
use super::keys::{KEY_LENGTH, MasterKeys};

/// The first word of a sealed text.
const FORMAT: &str = "v1";
const TAG_LENGTH: usize = 16;
/// Nonce, wrapped key and tag.
const WRAPPED_LENGTH: usize = NONCE_LEN + KEY_LENGTH + TAG_LENGTH;

/// Where a sealed value stands. It opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row's key, as text.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

impl Place<'_> {
    /// What the tag covers beside the value: the parts with their lengths, so that no two places look the same.
    fn associated(&self, purpose: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        for part in ["wheelhouse", FORMAT, purpose, self.table, self.row, self.column] {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }

    /// A wrapped data key is bound to its version as well.
    fn associated_with_key(&self, version: u32) -> Vec<u8> {
        let mut bytes = self.associated("key");
        bytes.extend_from_slice(&version.to_be_bytes());
        bytes
    }
}

/// A sealed text taken apart; nothing of it is believed yet.
struct Parts<'a> {
    version: u32,
    wrapped: Vec<u8>,
    value: &'a str,
}

fn parse(sealed: &str) -> Option<Parts<'_>> {
    let mut words = sealed.split('.');
    let (format, version, wrapped, value) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if format != FORMAT || words.next().is_some() {
        return None;
    }
    let version = number(version)?;
    let wrapped = URL_SAFE_NO_PAD.decode(wrapped).ok().filter(|bytes| bytes.len() == WRAPPED_LENGTH)?;
    Some(Parts { version, wrapped, value })
}

/// A version as it is written here: digits, no sign, no zero in front.
pub(super) fn number(text: &str) -> Option<u32> {
    let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// The version of the master key a text is sealed under; `None` when it is no sealed text.
#[must_use]
pub fn version_of(sealed: &str) -> Option<u32> {
    parse(sealed).map(|parts| parts.version)
}

/// Whether this has the form of a sealed text. It says nothing about whether it opens.
#[must_use]
pub fn is_sealed(text: &str) -> bool {
    parse(text).is_some_and(|parts| URL_SAFE_NO_PAD.decode(parts.value).is_ok())
}

pub(super) fn cipher(key: &[u8]) -> Result<LessSafeKey, VaultError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| VaultError::Cipher)
}

/// Nonce, ciphertext and tag. A data key seals one value in its life, and a master key wraps far fewer keys than random
/// nonces of 96 bits allow (2³²).
fn encrypt(key: &LessSafeKey, random: &dyn Fn(&mut [u8]), aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0; NONCE_LEN];
    random(&mut nonce);
    let mut body = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut body)
        .map_err(|_| VaultError::Cipher)?;
    let mut sealed = nonce.to_vec();
    sealed.append(&mut body);
    Ok(sealed)
}

fn decrypt(key: &LessSafeKey, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::Refused)?;
    let mut body = body.to_vec();
    let plain = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut body);
    let length = plain.map_err(|_| VaultError::Refused)?.len();
    body.truncate(length);
    Ok(body)
}

pub(super) fn seal(
    keys: &MasterKeys,
    random: &dyn Fn(&mut [u8]),
    place: &Place<'_>,
    plain: &[u8],
) -> Result<String, VaultError> {
    let mut data_key = [0; KEY_LENGTH];
    random(&mut data_key);
    let value = encrypt(&cipher(&data_key)?, random, &place.associated("value"), plain)?;
    wrap(keys, random, place, &data_key, &URL_SAFE_NO_PAD.encode(value))
}

fn wrap(
    keys: &MasterKeys,
    random: &dyn Fn(&mut [u8]),
    place: &Place<'_>,
    data_key: &[u8],
    value: &str,
) -> Result<String, VaultError> {
    let version = keys.newest();
    let master = keys.get(version).ok_or(VaultError::NoKey)?;
    let wrapped = encrypt(master, random, &place.associated_with_key(version), data_key)?;
    Ok(format!("{FORMAT}.{version}.{}.{value}", URL_SAFE_NO_PAD.encode(wrapped)))
}

/// The data key and the value.
fn unseal(keys: &MasterKeys, place: &Place<'_>, parts: &Parts<'_>) -> Result<(Vec<u8>, Vec<u8>), VaultError> {
    let master = keys.get(parts.version).ok_or(VaultError::UnknownVersion(parts.version))?;
    let data_key = decrypt(master, &place.associated_with_key(parts.version), &parts.wrapped)?;
    let value = URL_SAFE_NO_PAD.decode(parts.value).map_err(|_| VaultError::Refused)?;
    let plain = decrypt(&cipher(&data_key)?, &place.associated("value"), &value)?;
    Ok((data_key, plain))
}

pub(super) fn open(keys: &MasterKeys, place: &Place<'_>, sealed: &str) -> Result<Vec<u8>, VaultError> {
    let parts = parse(sealed).ok_or(VaultError::Refused)?;
    Ok(unseal(keys, place, &parts)?.1)
}

pub(super) fn rewrap(
    keys: &MasterKeys,
    random: &dyn Fn(&mut [u8]),
    place: &Place<'_>,
    sealed: &str,
) -> Result<Option<String>, VaultError> {
    let parts = parse(sealed).ok_or(VaultError::Refused)?;
    if parts.version == keys.newest() {
        return Ok(None);
    }
    let (data_key, _) = unseal(keys, place, &parts)?;
    wrap(keys, random, place, &data_key, parts.value).map(Some)
}
