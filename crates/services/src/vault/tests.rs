//! Rotation on both databases: under load, killed in the middle, with values that somebody changed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::access::{Actor, Scope};
use domain::account::{Access, CredentialKind};
use domain::ids::AccountId;
use platform::vault::{Vault, is_sealed, version_of};
use store::repo::accounts::{self as repo, AccountRecord, account_list};

use super::*;
use crate::Context;
use crate::accounts::access::aws_access;
use crate::accounts::{NewAccount, create_account};
use crate::testing::{FakeFleet, Harness, both_databases};

const ROLE: &str = "arn:aws:iam::123456789012:role/Wheelhouse";
const QUICK: Rotate =
    Rotate { new_key: true, drop_old: false, settle: Duration::from_millis(50), patience: Duration::from_secs(20) };

/// The same installation with its keys in that file, as another process has it.
fn process(ctx: &Context, file: &Path) -> Context {
    Context { vault: Vault::in_file(file, true, Arc::new(platform::os::fill_random)), ..ctx.clone() }
}

fn account(name: &str) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        regions: vec!["eu-central-1".parse().unwrap()],
        credentials: CredentialKind::Role,
        role_arn: Some(ROLE.to_owned()),
        external_id: Some(format!("id of {name}").replace(' ', "-")),
        endpoint_url: None,
    }
}

async fn create(ctx: &Context, name: &str) -> AccountId {
    create_account(ctx, &Actor::system(), account(name)).await.unwrap().account.id
}

/// Accounts as they are kept, many at once.
async fn insert(ctx: &Context, range: std::ops::Range<usize>) {
    let tx = ctx.db.begin().await.unwrap();
    for number in range {
        let id = AccountId(ctx.env.new_id());
        let new = account(&format!("kept {number}"));
        let access = Access::Role { role_arn: ROLE.to_owned(), external_id: new.external_id };
        let access = crate::accounts::access::sealed(ctx, id, access).unwrap();
        let row = repo::NewAccount {
            id,
            name: new.name,
            access,
            endpoint_url: None,
            regions: new.regions,
            at: ctx.env.now(),
        };
        repo::account_insert(&tx, &row).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn list(ctx: &Context) -> Vec<AccountRecord> {
    account_list(&ctx.db, &Scope::Everything).await.unwrap()
}

fn kept(account: &AccountRecord) -> &str {
    match &account.access {
        Access::Role { external_id: Some(id), .. } => id,
        other => panic!("{other:?}"),
    }
}

/// How the account is called with the external id that was given for it.
fn opens(ctx: &Context, account: &AccountRecord) -> Result<(), String> {
    let wanted = format!("id of {}", account.name).replace(' ', "-");
    match aws_access(ctx, account) {
        Ok(found) => match found.access {
            Access::Role { external_id: Some(id), .. } if id == wanted => Ok(()),
            other => Err(format!("{other:?}")),
        },
        Err(error) => Err(error.to_string()),
    }
}

async fn versions(ctx: &Context) -> BTreeSet<Option<u32>> {
    list(ctx).await.iter().map(|account| version_of(kept(account))).collect()
}

both_databases! {
    async fn an_external_id_is_sealed_at_rest_and_opened_where_aws_is_called(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        create(ctx, "production").await;
        let accounts = list(ctx).await;
        assert!(is_sealed(kept(&accounts[0])) && !kept(&accounts[0]).contains("production"));
        opens(ctx, &accounts[0]).unwrap();
        // Copied to another account, it does not open there.
        create(ctx, "other").await;
        let accounts = list(ctx).await;
        let (one, mut two) = (accounts[0].clone(), accounts[1].clone());
        two.access = one.access;
        assert!(opens(ctx, &two).unwrap_err().contains("not what was sealed"));
    }
}

both_databases! {
    async fn a_rotation_under_load_fails_nobody_and_goes_on_after_it_was_killed(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vault.key");
        let ctx = process(&harness.ctx, &file);
        insert(&ctx, 0..250).await;
        assert_eq!(versions(&ctx).await, BTreeSet::from([Some(1)]));

        // Two more processes, each with one who reads and one who writes, all the while.
        let (stop, reads, writes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut load = Vec::new();
        for number in 0..2 {
            let (ctx, stop, reads) = (process(&harness.ctx, &file), stop.clone(), reads.clone());
            let (writer, halt, written) = (ctx.clone(), stop.clone(), writes.clone());
            load.push(tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    for account in list(&ctx).await {
                        opens(&ctx, &account).unwrap();
                        reads.fetch_add(1, Ordering::SeqCst);
                    }
                    tokio::task::yield_now().await;
                }
            }));
            load.push(tokio::spawn(async move {
                let mut count = 0;
                while !halt.load(Ordering::SeqCst) && count < 150 {
                    create(&writer, &format!("written {number} {count}")).await;
                    count += 1;
                    written.fetch_add(1, Ordering::SeqCst);
                }
            }));
        }

        // Killed after its first batch.
        let (begun, seen) = (Arc::new(tokio::sync::Notify::new()), reads.load(Ordering::SeqCst));
        let (rotating, signal) = (process(&harness.ctx, &file), begun.clone());
        let killed = tokio::spawn(async move { rotate(&rotating, &Actor::system(), QUICK, |_, _| signal.notify_one()).await });
        begun.notified().await;
        killed.abort();
        drop(killed.await);
        assert!(versions(&ctx).await.contains(&Some(2)), "it had begun");
        for account in list(&ctx).await {
            opens(&ctx, &account).unwrap();
        }
        // As if it had died at any other moment: some are still under the old version.
        insert_old(&ctx, &file).await;

        let done = rotate(&process(&harness.ctx, &file), &Actor::system(), QUICK, |_, _| ()).await.unwrap();
        assert_eq!((done.version, done.added, done.refused), (2, false, 0), "it goes on with the key there is");
        assert!(done.rewrapped > 0, "{done:?}");
        let again = rotate(&process(&harness.ctx, &file), &Actor::system(), QUICK, |_, _| ()).await.unwrap();
        assert_eq!((again.version, again.added, again.refused), (3, true, 0));
        while reads.load(Ordering::SeqCst) == seen {
            tokio::task::yield_now().await;
        }
        stop.store(true, Ordering::SeqCst);
        for task in load {
            task.await.expect("nobody failed");
        }
        assert!(reads.load(Ordering::SeqCst) > 0 && writes.load(Ordering::SeqCst) > 0);
        assert_eq!(versions(&ctx).await, BTreeSet::from([Some(3)]), "everything is under the newest");
        let state = status(&ctx).await.unwrap();
        assert_eq!(state.versions, [1, 2, 3]);
        assert!(state.columns.iter().all(|column| column.newest == column.total && column.plain == 0), "{state:?}");

        let dropping = Rotate { drop_old: true, new_key: false, ..QUICK };
        let last = rotate(&ctx, &Actor::system(), dropping, |_, _| ()).await.unwrap();
        assert_eq!((last.version, last.rewrapped, last.dropped), (3, 0, 2));
        for account in list(&ctx).await {
            opens(&ctx, &account).unwrap();
        }
    }
}

/// One value under the first version, as an interrupted run leaves them.
async fn insert_old(ctx: &Context, file: &Path) {
    let first = std::fs::read_to_string(file).unwrap().lines().next().unwrap().to_owned();
    let keys = platform::vault::MasterKeys::parse(&first).unwrap();
    let old = Context { vault: Vault::with_keys(keys, Arc::new(platform::os::fill_random)), ..ctx.clone() };
    create(&old, "left behind").await;
    assert!(versions(ctx).await.contains(&Some(1)));
}

both_databases! {
    async fn what_was_kept_before_the_vault_is_sealed_once(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        assert_eq!(seal_plain(&Context { vault: Vault::none(Arc::new(platform::os::fill_random)), ..ctx.clone() }, &Actor::system()).await.unwrap(), 0);
        let new = account("from before");
        let access = Access::Role { role_arn: ROLE.to_owned(), external_id: new.external_id };
        let row = repo::NewAccount {
            id: AccountId(ctx.env.new_id()),
            name: new.name,
            access,
            endpoint_url: None,
            regions: new.regions,
            at: ctx.env.now(),
        };
        repo::account_insert(&ctx.db, &row).await.unwrap();
        opens(ctx, &list(ctx).await[0]).unwrap();
        assert_eq!(seal_plain(ctx, &Actor::system()).await.unwrap(), 1);
        assert_eq!(seal_plain(ctx, &Actor::system()).await.unwrap(), 0);
        assert!(is_sealed(kept(&list(ctx).await[0])));
        opens(ctx, &list(ctx).await[0]).unwrap();
    }
}

both_databases! {
    async fn a_value_that_somebody_changed_is_named_and_keeps_the_old_keys(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vault.key");
        let ctx = &process(&harness.ctx, &file);
        insert(ctx, 0..3).await;
        let accounts = list(ctx).await;
        let (from, to) = (kept(&accounts[0]).to_owned(), accounts[1].id);
        let swapped = store::repo::sealed::sealed_replace(&ctx.db, &SEALED[0], to.0, kept(&accounts[1]), &from).await;
        assert!(swapped.unwrap());
        let done = rotate(ctx, &Actor::system(), QUICK, |_, _| ()).await.unwrap();
        assert_eq!((done.rewrapped, done.refused), (2, 1));
        assert_eq!(done.refused_rows, [format!("account.external_id {to}")]);
        // It keeps nobody from another key, and every old one is kept.
        let dropping = Rotate { drop_old: true, ..QUICK };
        let done = rotate(ctx, &Actor::system(), dropping, |_, _| ()).await.unwrap();
        assert_eq!((done.version, done.added, done.rewrapped, done.refused, done.dropped), (3, true, 2, 1, 0));
        assert_eq!(done.refused_rows, [format!("account.external_id {to}")]);
        assert_eq!(ctx.vault.versions().unwrap(), [1, 2, 3]);
        for account in list(ctx).await.iter().filter(|account| account.id != to) {
            assert_eq!(version_of(kept(account)), Some(3));
            opens(ctx, account).unwrap();
        }

        // Without the file nothing new is made while something is sealed.
        std::fs::remove_file(&file).unwrap();
        let named = Context { vault: Vault::in_file(&file, false, Arc::new(platform::os::fill_random)), ..ctx.clone() };
        let lost = rotate(&named, &Actor::system(), QUICK, |_, _| ()).await.unwrap_err();
        assert!(matches!(lost, RotateError::KeyLost { count: 3, .. }), "{lost}");
        assert!(!file.exists());
        // Nor where one would be made by itself, as beside SQLite: whoever starts is told.
        let made = process(ctx, &file);
        let lost = require_key_file(&made).await.unwrap_err();
        assert!(lost.to_string().contains(&file.display().to_string()), "{lost}");
        let refused = create_account(&made, &Actor::system(), account("after the loss")).await;
        assert!(refused.is_err() && !file.exists(), "{refused:?}");
    }
}

both_databases! {
    async fn the_first_rotation_makes_the_file(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("named.key");
        let random: platform::vault::FillRandom = Arc::new(platform::os::fill_random);
        let ctx = &Context { vault: Vault::in_file(&file, false, random), ..harness.ctx.clone() };
        let refused = create_account(ctx, &Actor::system(), account("too early")).await.unwrap_err();
        assert!(refused.to_string().contains("wheelhouse secrets rotate"), "{refused}");
        let done = rotate(ctx, &Actor::system(), QUICK, |_, _| ()).await.unwrap();
        assert_eq!((done.version, done.added), (1, true));
        create(ctx, "in time").await;
    }
}

both_databases! {
    async fn two_rotations_at_once_lose_no_key(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vault.key");
        let ctx = &process(&harness.ctx, &file);
        insert(ctx, 0..150).await;
        let dropping = Rotate { drop_old: true, ..QUICK };
        let one = process(&harness.ctx, &file);
        let two = process(&harness.ctx, &file);
        let system = Actor::system();
        let (a, b) = tokio::join!(rotate(&one, &system, dropping, |_, _| ()), rotate(&two, &system, dropping, |_, _| ()));
        assert_eq!((a.unwrap().rewrapped, b.unwrap().rewrapped), (150, 150), "one after the other");
        for account in list(ctx).await {
            opens(ctx, &account).unwrap();
        }
        assert_eq!(ctx.vault.versions().unwrap(), [3]);

        // Another version, added by hand or from another machine while one rotates: what was brought over stays readable.
        let other = process(&harness.ctx, &file);
        let mut added = false;
        let done = rotate(ctx, &system, dropping, |_, done| {
            if done.rewrapped == 100 && !std::mem::replace(&mut added, true) {
                other.vault.add_version().unwrap();
            }
        });
        assert_eq!(done.await.unwrap().version, 4);
        assert!(added);
        for account in list(ctx).await {
            opens(ctx, &account).unwrap();
        }
        assert_eq!(ctx.vault.versions().unwrap(), [4, 5]);

        let _turn = other.vault.turn().unwrap();
        let hasty = Rotate { patience: Duration::from_millis(50), ..QUICK };
        let busy = rotate(ctx, &system, hasty, |_, _| ()).await;
        assert!(matches!(busy, Err(RotateError::Busy)), "{busy:?}");
    }
}
