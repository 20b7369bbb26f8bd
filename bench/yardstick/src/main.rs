//! The yardstick: the least a durable, signed token can cost on the same HTTP and TLS stack as Signet.
//!
//! `POST /token` parses a form, compares the SHA-256 of `client_secret`, signs claims of a given size with ES256,
//! appends a record of a given size by group commit (one `fdatasync` per batch, the answer after it) and replies.
//!
//! Deliberately absent: clients, tenants, permissions, policy, a chain over the records, every other path. Whatever
//! Signet costs above this figure is the price of what Signet does.

mod append;
mod mint;
mod serve;

use clap::Parser;
use std::{error::Error, net::SocketAddr, path::PathBuf};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serves the smallest honest token endpoint.
#[derive(Parser)]
struct Settings {
    /// Address to listen on.
    #[arg(long)]
    listen: SocketAddr,
    /// Certificate chain, PEM.
    #[arg(long)]
    certificate: PathBuf,
    /// Private key of the certificate, PEM.
    #[arg(long)]
    key: PathBuf,
    /// File that records are appended to; emptied at start.
    #[arg(long)]
    records: PathBuf,
    /// Bytes written per record.
    #[arg(long, default_value_t = 1500)]
    record_bytes: usize,
    /// Bytes of the claims that are signed, at least what the fixed claims need.
    #[arg(long, default_value_t = 700)]
    claims_bytes: usize,
    /// File with the client secret that is accepted: a flag would show it to every process.
    #[arg(long)]
    secret_file: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::parse();
    let secret = std::fs::read_to_string(&settings.secret_file)?;
    let endpoint = serve::Endpoint {
        minter: mint::Minter::new(secret.trim(), settings.claims_bytes)?,
        appender: append::Appender::start(&settings.records, settings.record_bytes)?,
    };
    let tls = serve::tls(&settings.certificate, &settings.key)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve::run(settings.listen, tls, endpoint))?;
    Ok(())
}
