//! Where anchors go, and when they are put besides once a day: before something changes what the logs are made of.

mod webhook;

use crate::archive;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::outbound;
use crate::storage::Storage;
use crate::transparency::log_store;
use signet_exports::SignedPost;
use signet_kernel::Context;
use signet_record::LogSnapshot;
use signet_transparency_log::{AnchorSink, DirectorySink, newest_signed, put_anchors};
use std::sync::Arc;
use tokio::runtime::Handle;
use webhook::Webhook;

/// Where anchors go.
pub(crate) fn sinks(config: &Config, context: &Context) -> Result<Vec<Arc<dyn AnchorSink>>, CommandError> {
    let mut sinks: Vec<Arc<dyn AnchorSink>> = Vec::new();
    if let Some(objects) = archive::objects(config)? {
        sinks.push(Arc::new(archive::Anchors(objects)));
    }
    let transparency = &config.transparency;
    if let Some(directory) = &transparency.anchor_dir {
        sinks.push(Arc::new(DirectorySink::new(directory)));
    }
    if let Some(url) = &transparency.anchor_url {
        let usage = |why: &dyn std::fmt::Display| CommandError::usage(format!("transparency.anchor_url: {why}"));
        let url = url.parse().map_err(|error: url::ParseError| usage(&error))?;
        let secret = transparency.anchor_secret_file.clone();
        let secret =
            secret.ok_or_else(|| usage(&"set transparency.anchor_secret_file, so that anchors can be signed"))?;
        let outside = outbound::outside(&config.fetch, context.clone(), &config.public_url)?;
        sinks.push(Arc::new(Webhook::new(SignedPost::new(outside, url, secret), context.clone())));
    }
    Ok(sinks)
}

/// Puts anchors of the logs as they are, if opening the record is going to change how it is stored.
pub(crate) async fn before_upgrade(config: &Config, data: &DataDir, storage: &Storage, context: &Context) {
    let changes = match storage {
        Storage::Embedded => signet_record::needs_upgrade(data.path()).map_err(|error| error.to_string()),
        Storage::Postgres(options) if options.migrate => match options.connect().await {
            Ok(client) => signet_record::needs_upgrade_postgres(&client).await.map_err(|error| error.to_string()),
            // Whoever opens the database next says so better.
            Err(_) => Ok(false),
        },
        Storage::Postgres(_) => Ok(false),
    };
    match changes {
        Ok(false) => {}
        Ok(true) => before("an upgrade", config, data, storage, context).await,
        Err(why) => tracing::warn!(why, "whether the record is upgraded is not known; no anchor was put"),
    }
}

/// Puts anchors of the logs as they are, though they are not open. What cannot be put is said, and stops nothing: whoever
/// upgrades or restores may have no other way.
pub(crate) async fn before(what: &str, config: &Config, data: &DataDir, storage: &Storage, context: &Context) {
    match put(config, data, storage, context).await {
        Ok(names) if names.is_empty() => {}
        Ok(names) => tracing::info!(anchors = names.len(), "anchored the record's logs before {what}"),
        Err(why) => tracing::error!(why, "the record's logs could not be anchored before {what}"),
    }
}

async fn put(config: &Config, data: &DataDir, storage: &Storage, context: &Context) -> Result<Vec<String>, String> {
    let sinks = sinks(config, context).map_err(|error| error.to_string())?;
    if sinks.is_empty() || (matches!(storage, Storage::Embedded) && !data.path().join("record-log.db").exists()) {
        return Ok(Vec::new());
    }
    let snapshot = match storage {
        Storage::Embedded => LogSnapshot::of_files(data.path()),
        Storage::Postgres(_) => {
            let logs = log_store(data, storage).map_err(|error| error.to_string())?;
            logs.snapshot().await
        }
    };
    let (snapshot, now) = (snapshot.map_err(|error| error.to_string())?, context.now());
    // Files are read in the thread that asks.
    let read = tokio::task::spawn_blocking(move || Handle::current().block_on(newest_signed(&snapshot)));
    let newest = read.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    for sink in sinks {
        names.extend(put_anchors(sink.as_ref(), &newest, now).await.map_err(|error| error.to_string())?);
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
