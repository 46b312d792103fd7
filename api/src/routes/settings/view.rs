//! From the configuration to its view.

use contract::settings::{SettingView, SettingsView};
use platform::config::{Config, ExplainedSetting, Source, is_live};
use serde_json::Value;

/// Every setting of a process.
pub(crate) fn settings(config: &Config) -> SettingsView {
    SettingsView { settings: config.explained().into_iter().map(setting).collect() }
}

fn setting(explained: ExplainedSetting) -> SettingView {
    let ExplainedSetting { key, about, variable, setting } = explained;
    let (layer, place) = match setting.source {
        Source::Default => ("default", None),
        Source::File { path, line } => ("file", Some(format!("{path}:{line}"))),
        Source::ParameterStore { name } => ("parameter-store", Some(name)),
        Source::SecretsManager { secret } => ("secrets-manager", Some(secret)),
        Source::Environment { variable } => ("environment", Some(variable)),
        Source::CommandLine { flag } => ("command-line", Some(flag)),
    };
    let live = is_live(&key);
    SettingView { key, about, value: text(&setting.value), layer: layer.to_owned(), place, variable, live }
}

/// A value as one would write it; `None` where nothing is set.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Array(values) => {
            let parts: Vec<_> = values.iter().filter_map(text).collect();
            Some(parts.join(", ")).filter(|text| !text.is_empty())
        }
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use platform::config::Loader;

    use super::*;

    #[test]
    fn each_value_says_where_it_was_set_and_no_password_is_in_it() {
        let loader = Loader::new()
            .environment([
                ("DATABASE_URL", "postgres://ann:hush@db/x"),
                ("WHEELHOUSE_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ])
            .set("--listen", "server.listen", "127.0.0.1:3");
        let view = settings(&loader.load().unwrap());
        let find = |key: &str| view.settings.iter().find(|one| one.key == key).unwrap();
        let listen = find("server.listen");
        assert_eq!((listen.layer.as_str(), listen.place.as_deref()), ("command-line", Some("--listen")));
        assert_eq!(listen.value.as_deref(), Some("127.0.0.1:3"));
        let database = find("database.url");
        assert_eq!(database.value.as_deref(), Some("postgres://ann:***@db/x"));
        assert_eq!((database.layer.as_str(), database.place.as_deref()), ("environment", Some("DATABASE_URL")));
        assert!(find("server.trusted_proxies").value.as_deref().is_some_and(|value| value.contains(", ")));
        let redis = find("redis.url");
        assert_eq!((redis.value.as_deref(), redis.layer.as_str(), &redis.place), (None, "default", &None));
        assert_eq!(redis.variable, "WHEELHOUSE_REDIS__URL");
        assert!(find("sync.enabled").live && !redis.live);
        assert!(!format!("{view:?}").contains("hush"));
    }
}
