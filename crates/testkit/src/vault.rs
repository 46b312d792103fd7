//! The vault of test applications: one master key that is the same in every process, so that they read each other's secrets
//! without a file. Tests of the key file itself make their own [`Vault`].

use std::sync::Arc;

use platform::vault::{KEY_LENGTH, MasterKeys, Vault, VaultError};

/// The key of every test application, for the configuration of processes (`vault.keys`).
pub const FIXED_KEYS: &str = "1:FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhY=";

/// The vault with that key.
///
/// # Errors
/// None: the key has the right length.
pub fn fixed() -> Result<Vault, VaultError> {
    Ok(Vault::with_keys(MasterKeys::single([0x16; KEY_LENGTH])?, Arc::new(platform::os::fill_random)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_key_are_the_same() {
        let place = platform::vault::Place { table: "t", row: "1", column: "c" };
        let sealed = fixed().unwrap().seal(&place, b"x").unwrap();
        let given = Vault::with_keys(MasterKeys::parse(FIXED_KEYS).unwrap(), Arc::new(platform::os::fill_random));
        assert_eq!(given.open(&place, &sealed).unwrap(), b"x");
    }
}
