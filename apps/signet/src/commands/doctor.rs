//! `signet doctor`

mod checks;
mod finding;

use crate::admin::{self, Inspect, Sweep, VerifyRecord};
use crate::cli::Global;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::output::Output;
use clap::Args;
use finding::{Finding, State};
use signet_kernel::Context;

/// Say what is wrong with this deployment, and what to do
#[derive(Debug, Args)]
#[command(after_help = "Works with and without a running server. Exit status 1 if something is wrong.")]
pub(crate) struct Doctor {
    /// Do not recompute the record, which takes long when there is much of it
    #[arg(long)]
    quick: bool,
    /// Also read the whole directory, to see whether it contradicts itself
    #[arg(long)]
    deep: bool,
}

impl Doctor {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let config = global.load(Vec::new())?.config;
        let findings = examine(&config, self.quick, self.deep).await;
        show(global.output(), &findings);
        match findings.iter().filter(|finding| finding.state == State::Wrong).count() {
            0 => Ok(()),
            1 => Err(CommandError::failed("1 thing is wrong")),
            count => Err(CommandError::failed(format!("{count} things are wrong"))),
        }
    }
}

async fn examine(config: &Config, quick: bool, deep: bool) -> Vec<Finding> {
    let (data, now) = (DataDir::at(&config.data_dir), Context::system().now());
    if data.directory_db().exists() && !data.master_key().exists() {
        let said = format!("{} is missing", data.master_key().display());
        return vec![Finding::wrong("master key", said, "put the file back: without it nobody opens this data")];
    }
    if !data.master_key().exists() {
        let advice = "start with `signet quickstart` or `signet serve`, or name another directory with --data-dir";
        let what = format!("{} holds no data", data.path().display());
        return vec![Finding::wrong("data directory", what, advice)];
    }
    let mut findings = checks::files(&data);
    findings.push(checks::disk(&data));
    findings.push(checks::clock(&data, now));
    findings.extend(checks::certificate(config, &data, now));
    if findings.iter().any(|finding| finding.state == State::Wrong) {
        // Opening would fail for the same reasons, or change what should be looked at first.
        return findings;
    }
    match admin::run(config, Inspect {}).await {
        Ok(inspection) => findings.extend(checks::inspection(&inspection, now)),
        Err(error) => findings.push(Finding::wrong("data", error, "see the message")),
    }
    if !quick {
        findings.push(match admin::run(config, VerifyRecord {}).await {
            Ok(verified) => Finding::well("record", format!("{} records verify", verified.records)),
            Err(error) => Finding::wrong("record", error, "keep the files as they are and find out who wrote to them"),
        });
    }
    if deep {
        findings.push(swept(config).await);
    }
    findings.push(checks::readiness(config, &data).await);
    findings
}

async fn swept(config: &Config) -> Finding {
    let advice = "keep a copy of directory.db as it is, and report what is said here";
    match admin::run(config, Sweep {}).await {
        Ok(swept) if swept.contradictions.is_empty() => {
            Finding::well("directory", format!("nothing in {} tenants contradicts itself", swept.tenants))
        }
        Ok(swept) => Finding::wrong("directory", swept.contradictions.join("; "), advice),
        Err(error) => Finding::wrong("directory", error, "see the message"),
    }
}

fn show(output: Output, findings: &[Finding]) {
    if output.is_json() {
        return output.json(&findings.iter().map(Finding::to_json).collect());
    }
    for finding in findings {
        let mark = match finding.state {
            State::Well => output.good("ok   "),
            State::Soon => output.bold("soon "),
            State::Wrong => output.bad("wrong"),
        };
        output.line(&format!("{mark}  {}: {}", finding.what, finding.said));
        if let Some(advice) = &finding.advice {
            output.line(&format!("       {advice}"));
        }
    }
}
