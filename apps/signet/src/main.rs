//! Signet: identities for AI agents, their tokens, and the record of both.
//!
//! This crate is wiring, configuration and the command line; every rule lies in a capability. `assembly.rs` puts
//! everything together, `admin.rs` is what the owner of the data directory may do, `commands/` is one file per word.

mod admin;
mod anchors;
mod archive;
mod assembly;
mod cli;
mod client;
mod client_key;
mod command_error;
mod commands;
mod config;
mod data_dir;
mod decoded;
mod lock;
mod logging;
mod master_files;
mod node;
mod operator;
mod outbound;
mod output;
mod profile;
mod storage;
mod telemetry;
mod transparency;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("signet: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("signet: {error}");
            error.code()
        }
    }
}
