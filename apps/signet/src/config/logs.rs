//! `logs.*` and `archive.*`

use serde::{Deserialize, Serialize};
use signet_log_retention::Settings;
use signet_object_storage::PlaceConfig;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

const DAY: f64 = 24.0 * 60.0 * 60.0;

/// `logs.*`
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogsConfig {
    audit_retention_days: f64,
    retention_days: f64,
    total_retention_days: f64,
    shortest_retention_days: f64,
    shorten_after_days: f64,
    wait_for_readers_days: f64,
    purge_interval_seconds: u32,
}

impl LogsConfig {
    /// How long records are kept; in all, if there is an archive.
    pub(crate) fn retention(self, archive: bool) -> Settings {
        Settings {
            audit: days(self.audit_retention_days),
            others: days(self.retention_days),
            total: archive.then(|| days(self.total_retention_days)),
            shortest: days(self.shortest_retention_days),
            grace: days(self.shorten_after_days),
            readers: days(self.wait_for_readers_days),
        }
    }

    /// How often what is too old is looked for.
    pub(crate) fn purge_interval(self) -> Duration {
        Duration::from_secs(self.purge_interval_seconds.into())
    }

    pub(super) fn contradiction(self) -> Option<(&'static str, &'static str)> {
        const LONGEST: f64 = 36_525.0;
        let days = [
            ("logs.audit_retention_days", self.audit_retention_days, f64::MIN_POSITIVE),
            ("logs.retention_days", self.retention_days, f64::MIN_POSITIVE),
            ("logs.total_retention_days", self.total_retention_days, f64::MIN_POSITIVE),
            ("logs.shortest_retention_days", self.shortest_retention_days, f64::MIN_POSITIVE),
            ("logs.shorten_after_days", self.shorten_after_days, 0.0),
            ("logs.wait_for_readers_days", self.wait_for_readers_days, 0.0),
        ];
        let wrong = days.into_iter().find(|(_, days, least)| !(*least..=LONGEST).contains(days));
        if let Some((key, _, least)) = wrong {
            return Some((
                key,
                if least > 0.0 { "it must be above 0, and at most 36525" } else { "it must be from 0 to 36525" },
            ));
        }
        (self.purge_interval_seconds == 0).then_some(("logs.purge_interval_seconds", "it must be at least 1"))
    }
}

fn days(days: f64) -> Duration {
    Duration::try_from_secs_f64(days * DAY).unwrap_or_default()
}

/// `archive.*`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchiveConfig {
    pub(crate) url: Option<Url>,
    pub(crate) endpoint: Option<Url>,
    pub(crate) region: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) secret_file: Option<PathBuf>,
}

impl ArchiveConfig {
    /// Where it is, if there is one.
    pub(crate) fn place(&self) -> Option<PlaceConfig> {
        let Self { url, endpoint, region, access_key_id, secret_file } = self.clone();
        Some(PlaceConfig { url: url?, endpoint, region, access_key_id, secret_file, path_style: None })
    }

    pub(super) fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        let alone = self.endpoint.is_some() || self.access_key_id.is_some() || self.secret_file.is_some();
        (self.url.is_none() && alone).then_some(("archive.url", "it must be set if anything else of the archive is"))
    }
}
