//! What the doctor looks at.

use super::finding::Finding;
use crate::admin::Inspection;
use crate::assembly::free_bytes;
use crate::client::local;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use signet_kernel::Timestamp;
use std::fs::metadata;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

const DAY: Duration = Duration::from_hours(24);
/// A secret or certificate that ends sooner is mentioned.
const SOON: Duration = DAY.saturating_mul(7);
/// Below this, a server is not ready; below ten times this, it is mentioned.
const LITTLE_SPACE: u64 = 64 * 1024 * 1024;
/// 2026-01-01: no clock was right before this program was written.
const WRITTEN: Timestamp = Timestamp::from_seconds(1_767_225_600);
/// How long a server may take to say that it is ready.
const ANSWER: Duration = Duration::from_secs(5);
/// How far a clock may have gone back.
const CLOCK_SLACK: Duration = Duration::from_mins(5);

/// Who can read what lies in the data directory.
pub(super) fn files(data: &DataDir) -> Vec<Finding> {
    let private = [data.path().to_owned(), data.master_key(), data.profile(), data.tls().join("ca.key")];
    let mut findings: Vec<Finding> = private.iter().filter_map(|path| exposed(path)).collect();
    if findings.is_empty() {
        findings.push(Finding::well("files", format!("{} is private", data.path().display())));
    }
    findings
}

fn exposed(path: &Path) -> Option<Finding> {
    let mode = metadata(path).ok()?.permissions().mode() & 0o777;
    let wanted = if path.is_dir() { "700" } else { "600" };
    let said = format!("{} can be used by others (mode {mode:o})", path.display());
    (mode & 0o077 != 0).then(|| Finding::wrong("files", said, format!("chmod {wanted} {}", path.display())))
}

/// Room for what will be written.
pub(super) fn disk(data: &DataDir) -> Finding {
    match free_bytes(data.path()) {
        Ok(free) if free < LITTLE_SPACE => Finding::wrong(
            "disk",
            format!("{} MiB are free", free >> 20),
            "make room: nothing is issued on a full disk",
        ),
        Ok(free) if free < 10 * LITTLE_SPACE => {
            Finding::soon("disk", format!("{} MiB are free", free >> 20), "make room before the disk is full")
        }
        Ok(free) => Finding::well("disk", format!("{} MiB are free", free >> 20)),
        Err(error) => Finding::wrong("disk", error, "see whether the disk is mounted"),
    }
}

/// Whether the clock can be right.
pub(super) fn clock(data: &DataDir, now: Timestamp) -> Finding {
    let advice = "set the clock, and keep it by NTP: tokens and certificates depend on it";
    if now < WRITTEN {
        return Finding::wrong("clock", format!("it shows {now}"), advice);
    }
    let written = metadata(data.path().join("records.db")).and_then(|found| found.modified());
    let written = written.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    match written.map(|since| Timestamp::default().plus(since)) {
        Some(written) if written.since(now) > CLOCK_SLACK => {
            Finding::wrong("clock", format!("it shows {now}, and the record was written at {written}"), advice)
        }
        _ => Finding::well("clock", now),
    }
}

/// When the TLS certificate ends.
pub(super) fn certificate(config: &Config, data: &DataDir, now: Timestamp) -> Option<Finding> {
    let own = config.tls.certificate.clone();
    let path = own.clone().unwrap_or_else(|| data.tls().join("server.pem"));
    if own.is_none() && !path.exists() {
        return None;
    }
    let advice = match own {
        Some(_) => "replace the files, then kill -HUP the server",
        None => "restart the server: it renews its local certificate by itself",
    };
    Some(match not_after(&path) {
        Ok(end) if end <= now => Finding::wrong("certificate", format!("{} ended {end}", path.display()), advice),
        Ok(end) if end.since(now) < SOON => Finding::soon("certificate", format!("it ends {end}"), advice),
        Ok(end) => Finding::well("certificate", format!("good until {end}")),
        Err(error) => Finding::wrong("certificate", format!("{}: {error}", path.display()), advice),
    })
}

fn not_after(path: &PathBuf) -> Result<Timestamp, String> {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let der = CertificateDer::from_pem_file(path).map_err(|error| error.to_string())?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).map_err(|error| error.to_string())?;
    Ok(Timestamp::from_seconds(parsed.validity().not_after.timestamp()))
}

/// What the open data directory says.
pub(super) fn inspection(inspection: &Inspection, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    if inspection.restored_unconfirmed {
        let said = "this is a restored backup and issues nothing";
        findings.push(Finding::wrong("restore", said, "look at it, then run `signet restore --confirm`"));
    }
    if !inspection.record_healthy {
        let advice = "the server's log says why; no token is issued until it can be written";
        findings.push(Finding::wrong("record", "it cannot be written", advice));
    }
    for secret in &inspection.admin_secrets {
        let who = format!("of {} in tenant {}", secret.application, secret.tenant);
        let advice = "add a secret to the application with addPassword, or a certificate, and remove the old one";
        if secret.expires <= now {
            findings.push(Finding::wrong(
                "administrator",
                format!("the secret {who} ended {}", secret.expires),
                advice,
            ));
        } else if secret.expires.since(now) < SOON {
            findings.push(Finding::soon("administrator", format!("the secret {who} ends {}", secret.expires), advice));
        }
    }
    match inspection.tenants {
        0 => findings.push(Finding::soon("tenants", "there is none", "make one: signet tenant create NAME")),
        count => findings.push(Finding::well("tenants", count)),
    }
    findings
}

/// Whether a server answers, and is ready.
pub(super) async fn readiness(config: &Config, data: &DataDir) -> Finding {
    if !data.admin_socket().exists() {
        return Finding::well("server", "none runs on this data directory");
    }
    let url = format!("http://{}/readyz", config.management_listen);
    let client = local().and_then(|client| client.timeout(ANSWER).build().map_err(CommandError::failed));
    let answer = match client {
        Ok(client) => client.get(&url).send().await,
        Err(error) => return Finding::wrong("server", error, "see the message"),
    };
    match answer {
        Ok(answer) if answer.status().is_success() => Finding::well("server", "ready"),
        Ok(answer) => {
            let said = format!("not ready: {}", answer.text().await.unwrap_or_default());
            Finding::wrong("server", said, "the server's log says more")
        }
        Err(_) => {
            let said = format!("nobody answers at {url}");
            Finding::soon("server", said, "give the server's configuration to this command too, or see whether it runs")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;
    use crate::admin::AdminSecret;
    use signet_kernel::TenantId;
    use std::fs::{Permissions, set_permissions, write};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_255_200);

    #[test]
    fn an_exposed_key_is_wrong_and_the_advice_mends_it() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::at(directory.path());
        set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
        write(data.master_key(), "x").unwrap();
        set_permissions(data.master_key(), Permissions::from_mode(0o640)).unwrap();
        let findings = files(&data);
        assert_eq!((findings.len(), findings[0].state), (1, State::Wrong));
        assert_eq!(findings[0].advice, Some(format!("chmod 600 {}", data.master_key().display())));
        set_permissions(data.master_key(), Permissions::from_mode(0o600)).unwrap();
        assert_eq!(files(&data)[0].state, State::Well);
    }

    #[test]
    fn a_clock_behind_the_record_or_before_the_program_is_wrong() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::at(directory.path());
        assert_eq!(clock(&data, Timestamp::from_seconds(1)).state, State::Wrong);
        assert_eq!(clock(&data, NOW).state, State::Well);
        let file = std::fs::File::create(data.path().join("records.db")).unwrap();
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        file.set_modified(at(1_795_255_200 + 3_600)).unwrap();
        assert_eq!(clock(&data, NOW).state, State::Wrong);
        file.set_modified(at(1_795_255_200 + 60)).unwrap();
        assert_eq!(clock(&data, NOW).state, State::Well);
    }

    #[test]
    fn an_administrators_secret_is_mentioned_seven_days_before_its_end() {
        let state = |left: i64| {
            let secret = AdminSecret {
                tenant: TenantId::from_uuid(Uuid::nil()),
                application: "Administrator".to_owned(),
                expires: Timestamp::from_seconds(NOW.seconds() + left),
            };
            let seen = Inspection {
                restored_unconfirmed: false,
                record_healthy: true,
                tenants: 1,
                admin_secrets: vec![secret],
            };
            inspection(&seen, NOW)
                .into_iter()
                .find(|finding| finding.what == "administrator")
                .map(|finding| finding.state)
        };
        assert_eq!(state(8 * 86_400), None);
        assert_eq!(state(6 * 86_400), Some(State::Soon));
        assert_eq!(state(0), Some(State::Wrong));
    }
}
