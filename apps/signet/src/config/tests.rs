use super::key::KEYS;
use super::*;
use std::collections::BTreeSet;
use std::path::Path;

fn load(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("signet.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Loaded::load(file.map(|_| path.as_path()), environment, &[])
}

fn refusal(file: &str) -> String {
    let text = load(Some(file), &[]).unwrap_err().to_string();
    let (_, rest) = text.split_once("signet.toml: ").unwrap_or(("", &text));
    rest.to_owned()
}

#[test]
fn invariant_14_an_unknown_key_stops_the_start_and_names_the_nearest() {
    assert_eq!(
        refusal("[fetch]\nalow = []\n"),
        "there is no key `fetch.alow` (did you mean `fetch.allow`?); docs/configuration.md lists all"
    );
    assert!(refusal("[telemetry]\notlp_endpont = \"x\"").contains("did you mean `telemetry.otlp_endpoint`?"));
    assert_eq!(refusal("hobby = 1"), "there is no key `hobby`; docs/configuration.md lists all");
    assert!(refusal("[colours]").starts_with("there is no key `colours`"));
    let wrong = load(None, &[("SIGNET_FETCH__ALOW", "a")]).unwrap_err().to_string();
    assert!(wrong.starts_with("SIGNET_FETCH__ALOW: there is no key `fetch.alow`"), "{wrong}");
}

#[test]
fn a_value_of_the_wrong_type_or_out_of_range_stops_the_start() {
    assert_eq!(refusal("listen = 8443"), "`listen` must be a text in quotes");
    assert_eq!(refusal("[fetch]\nallow = [1]"), "`fetch.allow` must be a list of texts");
    for (key, file) in [
        ("listen", "listen = \"here\""),
        ("limits.connections", "[limits]\nconnections = -1"),
        ("limits.header_bytes", "[limits]\nheader_bytes = 100"),
        ("keys.rotation_days", "[keys]\nrotation_days = 0"),
        ("public_url", "public_url = \"http://localhost\""),
        ("tls.certificate", "[tls]\ncertificate = \"a.pem\""),
        ("log.format", "[log]\nformat = \"xml\""),
        ("telemetry.sample_ratio", "[telemetry]\nsample_ratio = 2"),
        ("telemetry.sample_ratio", "[telemetry]\nsample_ratio = nan"),
        ("telemetry.otlp_endpoint", "[telemetry]\notlp_endpoint = \"collector:4318\""),
        ("telemetry.otlp_endpoint", "[telemetry]\notlp_endpoint = \"https://key:secret@collector\""),
        ("telemetry.otlp_endpoint", "[telemetry]\notlp_endpoint = \"http://collector\"\nheaders_file = \"h\""),
        ("telemetry.headers_file", "[telemetry]\nheaders_file = \"h\""),
    ] {
        let text = refusal(file);
        assert!(text.starts_with(&format!("`{key}` cannot be used: ")), "{text}");
    }
    assert!(load(None, &[("SIGNET_KEYS__ROTATION_DAYS", "soon")]).is_err());
    assert!(load(Some("= 1"), &[]).unwrap_err().to_string().contains("is not TOML"));
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("signet.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:1\"\nmanagement_listen = \"127.0.0.1:2\"\ndata_dir = \"file\"\n")
        .unwrap();
    let environment = [("SIGNET_LISTEN", "127.0.0.1:3"), ("SIGNET_DATA_DIR", "environment"), ("SIGNET_BIN", "x")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter();
    let loaded = Loaded::load(Some(&path), environment, &[("--data-dir", "data_dir", "flag".to_owned())]).unwrap();
    assert_eq!(loaded.config.management_listen.port(), 2);
    assert_eq!(loaded.config.public_url, "https://localhost:3", "follows the effective listener");
    assert_eq!(loaded.config.data_dir, Path::new("flag"));
    let shown = loaded.to_toml();
    assert!(shown.contains("data_dir = \"flag\" # --data-dir\n"), "{shown}");
    assert!(shown.contains("listen = \"127.0.0.1:3\" # SIGNET_LISTEN\n"), "{shown}");
    assert!(shown.contains(&format!("management_listen = \"127.0.0.1:2\" # {}\n", path.display())), "{shown}");
    assert!(shown.parse::<toml::Table>().is_ok(), "{shown}");
}

#[test]
fn a_list_in_the_environment_has_commas() {
    let loaded = load(None, &[("SIGNET_FETCH__ALLOW", "localhost:9000, 10.0.0.0/8,")]).unwrap();
    assert_eq!(loaded.config.fetch.allow, ["localhost:9000", "10.0.0.0/8"]);
}

#[test]
fn only_keys_that_are_not_live_ask_for_a_restart() {
    let before = load(None, &[]).unwrap();
    let after = load(Some("listen = \"127.0.0.1:1\"\n[log]\nlevel = \"debug\"\n"), &[]).unwrap();
    assert_eq!(before.changed_beyond_reload(&after), ["listen", "public_url"]);
}

#[test]
fn the_table_of_keys_and_the_typed_configuration_have_the_same_keys() {
    let mut config = load(None, &[]).unwrap().config;
    config.storage.url = Some("postgresql:///signet".to_owned());
    config.storage.password_file = Some("e".into());
    config.tls.certificate = Some("a".into());
    config.tls.key = Some("b".into());
    config.storage.url = Some("e".into());
    config.storage.password_file = Some("f".into());
    config.telemetry.otlp_endpoint = Some("https://c".parse().unwrap());
    config.telemetry.headers_file = Some("d".into());
    config.transparency.anchor_dir = Some("g".into());
    config.transparency.anchor_url = Some("i".to_owned());
    config.transparency.anchor_secret_file = Some(serde_json::from_str("\"j\"").unwrap());
    config.witness.name = Some("h".to_owned());
    config.archive.url = Some("s3://k".parse().unwrap());
    config.archive.endpoint = Some("https://l".parse().unwrap());
    config.archive.region = Some("m".to_owned());
    config.archive.access_key_id = Some("n".to_owned());
    config.archive.secret_file = Some("o".into());
    let mut names = BTreeSet::new();
    for (name, value) in toml::Table::try_from(&config).unwrap() {
        match value {
            toml::Value::Table(inner) => names.extend(inner.keys().map(|key| format!("{name}.{key}"))),
            _ => drop(names.insert(name)),
        }
    }
    assert_eq!(names, KEYS.iter().map(|key| key.name.to_owned()).collect());
}

#[test]
fn the_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let made = super::reference::markdown();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, made, "run the test once with UPDATE_REFERENCE=1");
}
