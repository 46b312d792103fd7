//! How layers are merged, and what is said of faults in them.

use std::io::Write;
use std::time::Duration;

use super::{Loader, SecretUrl, Source};

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn later_layers_win_and_say_so() {
    let file = file(
        "[server]\nlisten = \"127.0.0.1:1\"\nbody_limit_bytes = 2048\n[aws]\nburst = 7\nrequests_per_second = 3\n",
    );
    let config = Loader::new()
        .file(file.path())
        .environment([
            ("WHEELHOUSE_SERVER__LISTEN", "127.0.0.1:2"),
            ("WHEELHOUSE_AWS__BURST", "9"),
            ("WHEELHOUSE_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("PATH", "/bin"),
        ])
        .set("--listen", "server.listen", "127.0.0.1:3")
        .load()
        .unwrap();
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!(config.server.body_limit_bytes, 2048);
    assert_eq!((config.aws.burst, config.aws.requests_per_second), (9, 3.0));
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.redis.url, None);

    let source = |key: &str| config.provenance()[key].source.clone();
    assert_eq!(source("server.listen"), Source::CommandLine { flag: "--listen".into() });
    assert_eq!(source("aws.burst"), Source::Environment { variable: "WHEELHOUSE_AWS__BURST".into() });
    assert_eq!(source("server.body_limit_bytes"), Source::File { path: file.path().display().to_string(), line: 3 });
    assert_eq!(source("worker.concurrency"), Source::Default);
    let text = config.to_text();
    assert!(text.contains("aws.burst = 9 ") && text.contains("# WHEELHOUSE_AWS__BURST"), "{text}");
    assert!(text.contains("redis.url = (not set)"), "{text}");

    let explained = config.explained();
    assert_eq!(explained.len(), config.provenance().len());
    let burst = explained.iter().find(|one| one.key == "aws.burst").unwrap();
    assert_eq!((burst.variable.as_str(), &burst.setting.value), ("WHEELHOUSE_AWS__BURST", &serde_json::json!(9)));
    assert_eq!(burst.setting.source, source("aws.burst"));
    assert!(burst.about.ends_with('.'), "{}", burst.about);
}

#[test]
fn foreign_variables_rank_below_ours_and_passwords_never_show() {
    let foreign = [("DATABASE_URL", "postgres://ann:hush@db/x"), ("REDIS_URL", "redis://:hush@cache")];
    let config = Loader::new().environment(foreign).load().unwrap();
    assert_eq!(config.database.url.expose(), "postgres://ann:hush@db/x");
    assert_eq!(config.redis.url.as_ref().unwrap().expose(), "redis://:hush@cache");
    let shown = format!("{} {} {:?}", config.to_text(), config.to_json(), config);
    assert!(shown.contains("postgres://ann:***@db/x") && !shown.contains("hush"), "{shown}");

    let both = [("DATABASE_URL", "mysql://other"), ("WHEELHOUSE_DATABASE__URL", "sqlite://here.db")];
    let config = Loader::new().environment(both).load().unwrap();
    assert_eq!(config.database.url.expose(), "sqlite://here.db");
    // Compose files pass unset variables on as empty ones.
    assert!(Loader::new().environment([("DATABASE_URL", "")]).load().is_ok());
}

#[test]
fn every_fault_is_named_at_once() {
    let file = file(
        "[server]\nlisten = 8080\nlsten = \"x\"\n\n[worker]\nconcurrency = 0\nheartbeat_seconds = 4\n\
         [nonsense]\na = 1\n[ai\n",
    );
    let errors = Loader::new()
        .file(file.path())
        .environment([
            ("DATABASE_URL", "mysql://ann:hush@db/x"),
            ("WHEELHOUSE_AWS__BURST", "many"),
            ("WHEELHOUSE_AWS_DEADLINE_SECONDS", "5"),
            ("WHEELHOUSE_SYNC__ENABELD", "true"),
            ("WHEELHOUSE_SERVER__TRUSTED_PROXIES", "10.0.0.0/99"),
            ("WHEELHOUSE_TELEMETRY__LOG_FORMAT", "xml"),
        ])
        .set("--filter", "telemetry.log_filter", "api=loud")
        .load()
        .unwrap_err();
    let path = file.path().display().to_string();
    let text = errors.to_string();
    for expected in [
        format!("{path}:10: not valid TOML"),
        format!("server.lsten ({path}:3): unknown key; did you mean server.listen?"),
        format!("nonsense ({path}:8): unknown key; remove it"),
        format!("server.listen ({path}:2): a whole number where text belongs; write address:port"),
        format!("worker.concurrency ({path}:6): 0 is out of range; write a whole number from 1 to 256"),
        "worker.orphan_after_seconds (default): 10 is less than three heartbeats; write at least 12".into(),
        "database.url (DATABASE_URL): \"mysql\" is not supported here; write a URL that starts with postgres://".into(),
        "aws.burst (WHEELHOUSE_AWS__BURST): text where a whole number belongs".into(),
        "aws.deadline_seconds (WHEELHOUSE_AWS_DEADLINE_SECONDS): one underscore between section and key; \
         write WHEELHOUSE_AWS__DEADLINE_SECONDS"
            .into(),
        "sync.enabeld (WHEELHOUSE_SYNC__ENABELD): unknown key; did you mean sync.enabled?".into(),
        "server.trusted_proxies (WHEELHOUSE_SERVER__TRUSTED_PROXIES): \"10.0.0.0/99\" has a prefix outside".into(),
        "telemetry.log_format (WHEELHOUSE_TELEMETRY__LOG_FORMAT): \"xml\" is not known; write json or pretty".into(),
        "telemetry.log_filter (--filter): \"api=loud\" is no log filter".into(),
    ] {
        assert!(text.contains(&expected), "missing: {expected}\nin: {text}");
    }
    assert_eq!(errors.0.len(), 13, "{text}");
    assert!(!text.contains("hush"), "{text}");
}

#[test]
fn a_replica_is_one_of_postgres_and_certificates_are_for_tls() {
    let load = |variables: &[(&str, &str)]| Loader::new().environment(variables.iter().copied()).load();
    let replica = file("postgres://ann:hush@copy/x\n");
    let replica = replica.path().display().to_string();
    let (postgres, named) = (("DATABASE_URL", "postgres://db/x"), ("WHEELHOUSE_DATABASE__REPLICA_URL_FILE", &*replica));
    let config = load(&[postgres, named]).unwrap();
    assert_eq!(config.database.replica_url.as_ref().map(SecretUrl::expose), Some("postgres://ann:hush@copy/x"));
    assert_eq!(config.database.replica_behind(), Duration::from_secs(10));
    assert!(!config.to_text().contains("hush"));
    assert!(load(&[postgres]).unwrap().database.replica_url.is_none());
    let refused = load(&[named]).unwrap_err().to_string();
    let expected = "database.replica_url (WHEELHOUSE_DATABASE__REPLICA_URL_FILE): SQLite has no replicas; leave it empty, or set database.url";
    assert!(refused.contains(expected) && !refused.contains("hush"), "{refused}");
    let refused = load(&[postgres, ("WHEELHOUSE_DATABASE__REPLICA_URL", "sqlite://copy.db")]).unwrap_err().to_string();
    assert!(
        refused.contains("\"sqlite\" is not supported here; write a URL that starts with postgres://"),
        "{refused}"
    );

    let ca = ("WHEELHOUSE_REDIS__CA_FILE", "ca.pem");
    assert!(load(&[("REDIS_URL", "rediss://cache:6379/0"), ca]).unwrap().redis.ca_file.is_some());
    for clear in ["redis://cache:6379/0", ""] {
        let refused = load(&[("REDIS_URL", clear), ca]).unwrap_err().to_string();
        assert!(refused.contains("redis.ca_file (WHEELHOUSE_REDIS__CA_FILE): there is no TLS to check"), "{refused}");
    }
}

#[test]
fn a_bucket_has_its_region_and_a_key_both_halves() {
    let load = |variables: &[(&str, &str)]| Loader::new().environment(variables.iter().copied()).load();
    let bucket = ("WHEELHOUSE_REPORTS__S3_BUCKET", "example-reports");
    let region = ("WHEELHOUSE_REPORTS__S3_REGION", "eu-central-1");
    let id = ("WHEELHOUSE_REPORTS__S3_ACCESS_KEY_ID", "AKIAEXAMPLE");
    let secret = ("WHEELHOUSE_REPORTS__S3_SECRET_ACCESS_KEY", "hush");
    let taken = load(&[bucket, region, id, secret]).unwrap();
    assert_eq!((taken.reports.s3_bucket.as_deref(), taken.reports.s3_deadline_seconds), (Some("example-reports"), 20));
    assert!(!taken.to_text().contains("hush") && !format!("{taken:?}").contains("hush"));
    for (given, missing) in [
        (vec![bucket], "reports.s3_region (default): not set, though reports.s3_bucket is"),
        (vec![bucket, region, id], "reports.s3_secret_access_key (default): half of a key is missing"),
        (vec![bucket, region, secret], "reports.s3_access_key_id (default): half of a key is missing"),
        (
            vec![("WHEELHOUSE_REPORTS__S3_BUCKET", "s3://example-reports/x"), region],
            "reports.s3_bucket (WHEELHOUSE_REPORTS__S3_BUCKET): \"s3://example-reports/x\" is no name of a bucket",
        ),
        (
            vec![bucket, region, ("WHEELHOUSE_REPORTS__S3_PREFIX", "/a//b")],
            "reports.s3_prefix (WHEELHOUSE_REPORTS__S3_PREFIX): \"/a//b\" is no beginning of names",
        ),
        (
            vec![bucket, region, ("WHEELHOUSE_REPORTS__S3_PREFIX", "reports//")],
            "reports.s3_prefix (WHEELHOUSE_REPORTS__S3_PREFIX): \"reports//\" is no beginning of names",
        ),
    ] {
        let refused = load(&given).unwrap_err().to_string();
        assert!(refused.contains(missing) && !refused.contains("hush"), "{refused}");
    }
}

#[test]
fn a_secret_may_be_in_a_file_of_its_own() {
    let file = file("postgres://ann:hush@db/x\n");
    let path = file.path().display().to_string();
    let variable = "WHEELHOUSE_DATABASE__URL_FILE";
    let config =
        Loader::new().environment([(variable, path.as_str()), ("DATABASE_URL", "sqlite://x.db")]).load().unwrap();
    assert_eq!(config.database.url.expose(), "postgres://ann:hush@db/x");
    assert_eq!(config.provenance()["database.url"].source, Source::Environment { variable: variable.into() });
    assert!(!config.to_text().contains("hush"));

    let fault = |variables: &[(&str, &str)]| {
        Loader::new().environment(variables.iter().copied()).load().unwrap_err().to_string()
    };
    let twice = fault(&[(variable, &path), ("WHEELHOUSE_DATABASE__URL", "sqlite://x.db")]);
    assert!(twice.contains("database.url (WHEELHOUSE_DATABASE__URL_FILE): set twice; keep either this or"), "{twice}");
    let missing = fault(&[(variable, "/nowhere/url")]);
    assert!(missing.contains("/nowhere/url cannot be read"), "{missing}");
    let unknown = fault(&[("WHEELHOUSE_DATABASE__ULR_FILE", &path)]);
    assert!(unknown.contains("unknown key"), "{unknown}");
    // Not a value in a file, but a setting that is a file's name.
    let config = Loader::new().environment([("WHEELHOUSE_VAULT__KEY_FILE", path.as_str())]).load().unwrap();
    assert_eq!(config.provenance()["vault.key_file"].value, serde_json::json!(path));
    // Compose files pass unset variables on as empty ones.
    assert!(Loader::new().environment([(variable, "")]).load().is_ok());
}

#[test]
fn a_missing_file_is_a_fault() {
    let errors = Loader::new().file("/nowhere/wheelhouse.toml").load().unwrap_err();
    assert!(errors.to_string().contains("cannot be read"), "{errors}");
}

#[test]
fn urls_need_a_host_or_a_path() {
    for url in ["postgres://", "sqlite://", "postgres:///x", "not a url", ""] {
        let errors = Loader::new().set("--database", "database.url", url).load().unwrap_err();
        assert_eq!(errors.0[0].key, "database.url", "{url}");
    }
    for url in ["postgresql://h/x", "sqlite::memory:", "sqlite:///abs/x.db", "sqlite://./data/w.db?mode=rwc"] {
        assert!(Loader::new().set("--database", "database.url", url).load().is_ok(), "{url}");
    }
}
