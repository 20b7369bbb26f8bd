//! Verifying a copied directory of static files, as tlog-tiles lays them out.

use crate::problem::LogProblem;
use signet_tlog::{BundleAddress, Hash, Log, Tile, TileAddress, Tree, UnverifiedCheckpoint, parse_bundle};
use std::path::Path;

/// What was looked at, all of it sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StaticReport {
    /// Leaves.
    pub leaves: u64,
    /// Tiles.
    pub tiles: u64,
}

/// Verifies the log in `directory`: every entry bundle, every tile, and the checkpoint.
pub fn verify_static(directory: &Path, trusted: impl FnOnce(&str) -> Option<Log>) -> Result<StaticReport, LogProblem> {
    let note = read(directory, "checkpoint")?;
    let said = UnverifiedCheckpoint::parse(&note).map_err(|problem| LogProblem::Checkpoint { size: 0, problem })?;
    let size = said.size();
    let log = trusted(said.origin()).ok_or_else(|| LogProblem::NoKey(said.origin().to_owned()))?;
    let head = said.verify(&log).map_err(|problem| LogProblem::Checkpoint { size, problem })?.head();
    let (mut tree, mut report) = (Tree::new(), StaticReport::default());
    for index in 0..size.div_ceil(256) {
        let Some(address) = TileAddress::in_tree(0, index, size) else { break };
        let tile = tile(directory, address)?;
        let Some(at) = BundleAddress::beside(address) else { break };
        let bytes = read(directory, &at.to_string())?;
        let wrong = |problem: signet_tlog::BundleError| file(&at.to_string(), problem.to_string());
        for entry in parse_bundle(&tile, &bytes).map_err(wrong)? {
            for (address, filled) in tree.append(Hash::leaf(entry)) {
                check(directory, address, &filled, &mut report)?;
            }
        }
    }
    for (address, partial) in tree.edge() {
        check(directory, address, &partial, &mut report)?;
    }
    if tree.head() != head {
        return Err(LogProblem::Root);
    }
    report.leaves = size;
    Ok(report)
}

fn check(directory: &Path, address: TileAddress, wanted: &Tile, report: &mut StaticReport) -> Result<(), LogProblem> {
    if tile(directory, address)? != *wanted {
        return Err(LogProblem::Tile(address));
    }
    report.tiles += 1;
    Ok(())
}

fn tile(directory: &Path, address: TileAddress) -> Result<Tile, LogProblem> {
    let name = address.to_string();
    Tile::parse(address, &read(directory, &name)?).map_err(|problem| file(&name, problem.to_string()))
}

fn read(directory: &Path, name: &str) -> Result<Vec<u8>, LogProblem> {
    std::fs::read(directory.join(name)).map_err(|error| file(name, error.to_string()))
}

fn file(name: &str, problem: String) -> LogProblem {
    LogProblem::File { file: name.to_owned(), problem }
}
