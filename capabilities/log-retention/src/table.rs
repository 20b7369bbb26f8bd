//! What a tenant says of one of its tables.

use crate::policy::{Kept, Settings};
use serde::{Deserialize, Serialize};
use signet_directory::body::bad_request;
use signet_kernel::{Failure, Timestamp};
use signet_logs::tables::{Held, table};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;

/// How long records of a table are kept in a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogTable {
    /// The table.
    pub display_name: String,
    /// So that they can be queried.
    pub retention_in_days: u32,
    /// In all, from then on in the archive; as the deployment has it, if the tenant says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_retention_in_days: Option<u32>,
    /// From when on what was shortened is shorter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_date_time: Option<Timestamp>,
    /// What counts until then, in seconds: to be queried, and in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_seconds: Option<(u64, u64)>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl LogTable {
    /// The longest: twelve years.
    pub(crate) const LONGEST_DAYS: u32 = 4383;
    const BY_NAME: &'static str = "logTable.name";

    /// How long records are kept, now.
    pub fn kept(&self, settings: &Settings, now: Timestamp) -> Kept {
        let said = self.said(settings);
        match (self.before_seconds, self.effective_date_time) {
            (Some((retention, total)), Some(from)) if now < from => {
                said.longest(Kept { retention: Duration::from_secs(retention), total: Duration::from_secs(total) })
            }
            _ => said,
        }
    }

    fn said(&self, settings: &Settings) -> Kept {
        let retention = days(self.retention_in_days);
        let total = self.total_retention_in_days.map(days).or(settings.total).unwrap_or_default();
        Kept { retention, total: total.max(retention) }
    }

    /// The same, where what it shortens counts for a while as it did.
    #[must_use]
    pub(crate) fn following(mut self, before: Kept, settings: &Settings, now: Timestamp) -> Self {
        (self.effective_date_time, self.before_seconds) = (None, None);
        let said = self.said(settings);
        if said.longest(before) != said {
            self.effective_date_time = Some(now.plus(settings.grace));
            self.before_seconds = Some((before.retention.as_secs(), before.total.as_secs()));
        }
        self
    }

    /// Whether records can be kept so.
    pub(crate) fn check(&self, settings: &Settings) -> Result<(), Failure> {
        match table(&self.display_name).map(|table| &table.held) {
            Some(Held::Record(stored, _)) if *stored == self.display_name => {}
            Some(Held::Record(stored, _)) => {
                let name = &self.display_name;
                let message = format!("'{name}' shows what '{stored}' holds; say how long that is kept.");
                return Err(bad_request("displayName", message));
            }
            _ => return Err(bad_request("displayName", "'displayName' is no table whose records are kept.")),
        }
        let shortest = u32::try_from(settings.shortest.as_secs().div_ceil(DAY)).unwrap_or(u32::MAX).max(1);
        let fine = |days: u32| (shortest..=Self::LONGEST_DAYS).contains(&days);
        if !fine(self.retention_in_days) {
            let message = format!("'retentionInDays' is from {shortest} to {} here.", Self::LONGEST_DAYS);
            return Err(bad_request("retentionInDays", message));
        }
        match self.total_retention_in_days {
            Some(total) if total < self.retention_in_days || total > Self::LONGEST_DAYS => {
                let message = format!("'totalRetentionInDays' is from 'retentionInDays' to {}.", Self::LONGEST_DAYS);
                Err(bad_request("totalRetentionInDays", message))
            }
            _ => Ok(()),
        }
    }
}

fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * DAY)
}

impl Kind for LogTable {
    const NAME: &'static str = "logTable";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::BY_NAME, IndexKey::exact(&self.display_name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_logs::AUDITS;

    const SETTINGS: Settings = Settings {
        audit: Duration::from_secs(400 * DAY),
        others: Duration::from_secs(365 * DAY),
        total: None,
        shortest: Duration::from_secs(30 * DAY),
        grace: Duration::from_secs(30 * DAY),
        readers: Duration::from_secs(30 * DAY),
    };

    fn table_of(retention: u32, total: Option<u32>) -> LogTable {
        LogTable {
            display_name: AUDITS.to_owned(),
            retention_in_days: retention,
            total_retention_in_days: total,
            effective_date_time: None,
            before_seconds: None,
            other: serde_json::Map::new(),
        }
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_255_200 + day * DAY.cast_signed())
    }

    #[test]
    fn what_is_shortened_counts_after_the_grace_and_what_is_lengthened_at_once() {
        let usual = SETTINGS.usual(AUDITS);
        let shorter = table_of(60, None).following(usual, &SETTINGS, at(0));
        assert_eq!(shorter.kept(&SETTINGS, at(29)), usual);
        assert_eq!(shorter.kept(&SETTINGS, at(30)).retention, days(60));
        let longer = table_of(500, None).following(usual, &SETTINGS, at(0));
        assert_eq!((longer.kept(&SETTINGS, at(0)).retention, longer.effective_date_time), (days(500), None));
        // Twice in a row: the longest of what counted stays.
        let again = table_of(50, None).following(shorter.kept(&SETTINGS, at(10)), &SETTINGS, at(10));
        assert_eq!(again.kept(&SETTINGS, at(39)), usual);
        assert_eq!(again.kept(&SETTINGS, at(40)).retention, days(50));
    }

    #[test]
    fn a_total_that_is_shortened_counts_after_the_grace_too() {
        let long = table_of(400, Some(2000));
        let shorter = table_of(400, Some(500)).following(long.kept(&SETTINGS, at(0)), &SETTINGS, at(0));
        assert_eq!(shorter.kept(&SETTINGS, at(1)).total, days(2000));
        assert_eq!(shorter.kept(&SETTINGS, at(31)).total, days(500));
    }

    #[test]
    fn what_cannot_be_kept_so_is_refused() {
        for wrong in [table_of(29, None), table_of(5000, None), table_of(400, Some(399)), table_of(0, None)] {
            wrong.check(&SETTINGS).unwrap_err();
        }
        table_of(30, Some(30)).check(&SETTINGS).unwrap();
        let view = LogTable { display_name: "AgentTokenLogs".to_owned(), ..table_of(400, None) };
        assert!(view.check(&SETTINGS).unwrap_err().message.contains("AADServicePrincipalSignInLogs"));
        let live = LogTable { display_name: "AgentsInfo".to_owned(), ..table_of(400, None) };
        live.check(&SETTINGS).unwrap_err();
    }
}
