//! What the vault promises: nothing changed and nothing moved opens, old versions do, new ones are found, files are private.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;

const PLACE: Place<'static> = Place { table: "account", row: "7", column: "external_id" };

fn random() -> FillRandom {
    Arc::new(crate::os::fill_random)
}

fn fixed(key: u8) -> Vault {
    Vault::with_keys(MasterKeys::single([key; KEY_LENGTH]).unwrap(), random())
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

proptest! {
    #[test]
    fn what_is_sealed_opens_and_any_flipped_bit_is_refused(
        plain in proptest::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let vault = fixed(1);
        let sealed = vault.seal(&PLACE, &plain).unwrap();
        prop_assert_eq!(&vault.open(&PLACE, &sealed).unwrap(), &plain);
        let mut bytes = sealed.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // What is no UTF-8 can't come out of a database as text at all.
        if let Ok(flipped) = String::from_utf8(bytes) {
            prop_assert!(vault.open(&PLACE, &flipped).is_err(), "bit {} of byte {}: {}", bit, at, flipped);
            prop_assert!(vault.rewrap(&PLACE, &flipped).map_or(true, |same| same.is_none()));
        }
    }

    #[test]
    fn it_opens_in_its_place_only(table in "[a-z]{1,8}", row in "[a-z0-9|]{1,8}", column in "[a-z]{1,8}") {
        let vault = fixed(1);
        let here = Place { table: &table, row: &row, column: &column };
        let sealed = vault.seal(&here, b"secret").unwrap();
        prop_assert!(vault.open(&here, &sealed).is_ok());
        // The same letters, cut elsewhere.
        let (longer, shorter) = (format!("{table}{}", &row[..1]), row[1..].to_owned());
        for other in [
            Place { table: "other_table", ..here },
            Place { row: "other row", ..here },
            Place { column: "other_column", ..here },
            Place { table: &longer, row: &shorter, column: &column },
            Place { table: &column, row: &row, column: &format!("{table}x") },
        ] {
            prop_assert!(matches!(vault.open(&other, &sealed), Err(VaultError::Refused)), "{:?}", other);
        }
    }
}

/// Every bit of one text, not only those that chance picks.
#[test]
fn no_bit_of_a_sealed_text_is_without_meaning() {
    let vault = fixed(1);
    let sealed = vault.seal(&PLACE, b"a secret of some length").unwrap();
    for at in 0..sealed.len() {
        for bit in 0..7 {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let flipped = String::from_utf8(bytes).unwrap();
            assert!(vault.open(&PLACE, &flipped).is_err(), "bit {bit} of byte {at}: {flipped}");
        }
    }
}

#[test]
fn parts_of_two_texts_do_not_make_a_third() {
    let vault = fixed(1);
    let (one, two) = (vault.seal(&PLACE, b"one").unwrap(), vault.seal(&PLACE, b"two").unwrap());
    assert_ne!(one, vault.seal(&PLACE, b"one").unwrap(), "each has a data key and a nonce of its own");
    let (head, _) = one.rsplit_once('.').unwrap();
    let (_, tail) = two.rsplit_once('.').unwrap();
    assert!(matches!(vault.open(&PLACE, &format!("{head}.{tail}")), Err(VaultError::Refused)));
    assert!(matches!(fixed(2).open(&PLACE, &one), Err(VaultError::Refused)), "another master key");
    for text in [
        "",
        "plain",
        "v1",
        "v1.1",
        "v1.1..",
        "v2.1.AAAA.AAAA",
        &format!("{one}."),
        &format!(" {one}"),
        &one[..one.len() - 4],
    ] {
        assert!(matches!(vault.open(&PLACE, text), Err(VaultError::Refused)), "{text}");
    }
    for version in ["01", "+1", "-1", "1 ", "", "4294967296"] {
        let text = one.replacen("v1.1.", &format!("v1.{version}."), 1);
        assert!(matches!(vault.open(&PLACE, &text), Err(VaultError::Refused)), "{text}");
        assert!(!is_sealed(&text));
    }
    assert!(is_sealed(&one) && !is_sealed("external-id"));
}

#[test]
fn old_versions_open_and_rewrapping_leaves_the_value_as_it_is() {
    let keys = |text: &str| Vault::with_keys(MasterKeys::parse(text).unwrap(), random());
    let first = format!("1:{}", base64(1));
    let both = format!("# two of them\n{first}\n\n2:{}\n", base64(2));
    let old = keys(&first).seal(&PLACE, b"secret").unwrap();
    let vault = keys(&both);
    assert_eq!((vault.newest().unwrap(), vault.versions().unwrap()), (2, vec![1, 2]));
    assert_eq!(vault.open(&PLACE, &old).unwrap(), b"secret");

    let new = vault.rewrap(&PLACE, &old).unwrap().unwrap();
    assert_eq!((version_of(&old), version_of(&new)), (Some(1), Some(2)));
    assert_eq!(old.rsplit_once('.').unwrap().1, new.rsplit_once('.').unwrap().1);
    assert_eq!(vault.open(&PLACE, &new).unwrap(), b"secret");
    assert_eq!(vault.rewrap(&PLACE, &new).unwrap(), None);
    assert!(matches!(keys(&first).open(&PLACE, &new), Err(VaultError::UnknownVersion(2))));
    // The version is in what the tag covers, not only in front of it.
    let relabelled = new.replacen("v1.2.", "v1.1.", 1);
    assert!(matches!(vault.open(&PLACE, &relabelled), Err(VaultError::Refused)));
    let elsewhere = Place { row: "8", ..PLACE };
    assert!(matches!(vault.rewrap(&elsewhere, &old), Err(VaultError::Refused)));
}

#[test]
fn keys_are_versions_with_32_bytes_each() {
    let good = base64(1);
    for (text, line) in [
        (format!("0:{good}"), 1),
        (format!("1:{good}\nnonsense"), 2),
        (format!("1:{good},1:{good}"), 2),
        (format!("\n\n1:{}", &good[..40]), 3),
        (format!("x:{good}"), 1),
        (format!("+1:{good}"), 1),
    ] {
        let error = MasterKeys::parse(&text).unwrap_err();
        assert!(matches!(error, VaultError::BadKeys { line: at } if at == line), "{text}: {error}");
        assert!(!error.to_string().contains(&good), "a key is never quoted");
    }
    assert!(matches!(MasterKeys::parse("# none\n"), Err(VaultError::NoKey)));
    let shown = format!("{:?} {:?}", MasterKeys::parse(&format!("3:{good}")).unwrap(), fixed(1));
    assert_eq!(shown, "{3} Vault(given keys)");
}

#[test]
fn without_a_key_it_is_said_how_to_give_one() {
    let vault = Vault::none(random());
    let error = vault.seal(&PLACE, b"x").unwrap_err().to_string();
    assert!(error.contains("vault.key_file"), "{error}");
    assert!(matches!(vault.check(), Err(VaultError::NoKey)));
    assert!(matches!(vault.add_version(), Err(VaultError::NotAFile)));
}

#[test]
fn the_configuration_says_where_the_keys_are() {
    let vault = |change: &dyn Fn(&mut Config)| {
        let mut config = Config::default();
        change(&mut config);
        Vault::configured(&config, random())
    };
    assert_eq!(vault(&|_| {}).unwrap().file(), Some(Path::new("./data/vault.key")));
    let memory = vault(&|c| c.database.url = "sqlite::memory:".into()).unwrap();
    assert_eq!(memory.file(), None);
    assert_eq!(vault(&|c| c.database.url = "postgres://a@b/c".into()).unwrap().file(), None);
    let named = vault(&|c| {
        c.database.url = "postgres://a@b/c".into();
        c.vault.key_file = Some("/nowhere/vault.key".into());
    });
    let named = named.unwrap();
    assert!(matches!(named.seal(&PLACE, b"x"), Err(VaultError::NoFile(_))), "a named file is not made by the way");
    assert!(vault(&|c| c.vault.keys = Some("nonsense".to_owned().into())).is_err());
    assert!(vault(&|c| c.vault.keys = Some(format!("1:{}", base64(1)).into())).unwrap().check().is_ok());
}

#[cfg(unix)]
#[test]
fn the_key_file_is_private_or_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deeper").join("vault.key");
    let vault = Vault::in_file(&path, true, random());
    vault.check().unwrap();
    assert!(!path.exists(), "looking makes no key");
    let sealed = vault.seal(&PLACE, b"x").unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(vault.add_version().unwrap(), 2);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_file_name("vault.key.lock")), 0o600);
    assert!(!path.with_file_name("vault.key.new").exists());

    for open in [0o604, 0o644, 0o620, 0o666, 0o602, 0o601] {
        chmod(&path, open);
        let fresh = Vault::in_file(&path, true, random());
        for error in
            [fresh.open(&PLACE, &sealed).unwrap_err(), fresh.check().unwrap_err(), fresh.add_version().unwrap_err()]
        {
            assert!(matches!(error, VaultError::TooOpen { mode, .. } if mode == open), "{open:o}: {error}");
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }
    for closed in [0o600, 0o400, 0o440, 0o640] {
        chmod(&path, closed);
        assert_eq!(Vault::in_file(&path, false, random()).open(&PLACE, &sealed).unwrap(), b"x", "{closed:o}");
    }
}

#[test]
fn a_version_that_another_process_added_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.key");
    let (here, there) = (Vault::in_file(&path, true, random()), Vault::in_file(&path, false, random()));
    let old = here.seal(&PLACE, b"old").unwrap();
    assert_eq!(there.open(&PLACE, &old).unwrap(), b"old");
    assert_eq!(here.add_version().unwrap(), 2);
    let new = here.seal(&PLACE, b"new").unwrap();
    assert_eq!(version_of(&new), Some(2));
    assert_eq!(there.open(&PLACE, &new).unwrap(), b"new", "read again for the unknown version");
    assert_eq!(version_of(&there.seal(&PLACE, b"x").unwrap()), Some(2), "and sealed under the newest");
    assert_eq!(there.open(&PLACE, &old).unwrap(), b"old");

    assert!(matches!(there.drop_versions_before(9), Err(VaultError::UnknownVersion(9))));
    assert_eq!(there.versions().unwrap(), [1, 2], "a version that nobody has takes nothing away");
    assert_eq!(there.drop_versions_before(2).unwrap(), 1);
    assert!(matches!(here.open(&PLACE, &old), Err(VaultError::UnknownVersion(1))));
    assert_eq!(here.open(&PLACE, &new).unwrap(), b"new");
    assert_eq!(here.add_version().unwrap(), 3, "a version is never used twice");
}

#[test]
fn those_who_make_the_file_at_once_agree_on_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.key");
    let sealed: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| Vault::in_file(&path, true, random()).seal(&PLACE, b"x").unwrap()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let vault = Vault::in_file(&path, false, random());
    assert_eq!(vault.versions().unwrap(), [1]);
    assert!(sealed.iter().all(|text| vault.open(&PLACE, text).is_ok()));
    let versions: std::collections::BTreeSet<u32> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| Vault::in_file(&path, false, random()).add_version().unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(versions, (2..=9).collect());
    assert!(sealed.iter().all(|text| vault.open(&PLACE, text).is_ok()));
}

#[test]
fn one_rotation_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deeper").join("vault.key");
    let (here, there) = (Vault::in_file(&path, true, random()), Vault::in_file(&path, false, random()));
    let turn = here.turn().unwrap().expect("a file to take turns with");
    assert!(matches!(there.turn(), Err(VaultError::Busy)));
    assert!(matches!(here.turn(), Err(VaultError::Busy)));
    // Sealing waits for nobody.
    here.seal(&PLACE, b"x").unwrap();
    drop(turn);
    assert!(there.turn().unwrap().is_some());
    assert!(fixed(1).turn().unwrap().is_none());
}

#[test]
fn a_lost_file_is_not_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.key");
    let vault = Vault::in_file(&path, true, random());
    let sealed = vault.seal(&PLACE, b"x").unwrap();
    let kept = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(vault.seal(&PLACE, b"y"), Err(VaultError::NoFile(at)) if at == path));
    assert!(matches!(vault.add_version(), Err(VaultError::NoFile(_))));
    assert!(matches!(vault.check(), Err(VaultError::NoFile(_))));
    // Another process, which was told.
    let other = Vault::in_file(&path, true, random());
    other.never_make();
    assert!(matches!(other.seal(&PLACE, b"y"), Err(VaultError::NoFile(_))));
    assert!(!path.exists());
    std::fs::write(&path, kept).unwrap();
    #[cfg(unix)]
    chmod(&path, 0o600);
    assert_eq!(other.open(&PLACE, &sealed).unwrap(), b"x", "put back, it works at once");
    other.seal(&PLACE, b"y").unwrap();
}

/// What a process left that died while it wrote: half a file beside the whole one.
#[test]
fn a_half_written_file_is_never_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.key");
    let vault = Vault::in_file(&path, true, random());
    let sealed = vault.seal(&PLACE, b"x").unwrap();
    std::fs::write(folder.path().join("vault.key.new"), "1:half").unwrap();
    assert_eq!(Vault::in_file(&path, true, random()).open(&PLACE, &sealed).unwrap(), b"x");
    assert_eq!(vault.add_version().unwrap(), 2);
    assert_eq!(vault.open(&PLACE, &sealed).unwrap(), b"x");
}

fn base64(byte: u8) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD.encode([byte; KEY_LENGTH])
}
