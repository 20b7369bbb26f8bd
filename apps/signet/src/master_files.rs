//! The master key's file, and how another key takes its place without a moment in which the data cannot be opened.
//!
//! While a rotation is under way the new key lies beside the old one. Everything sealed under the old key is rewrapped,
//! then the old file gets the name of its fingerprint and the new one takes its place. Each step can be done again, so
//! a start that finds both keys goes on where the last process ended.
//!
//! Nodes that share a database hold copies of both keys, each in its own files, and take the new one into use one after
//! another. There a next key that merely lies beside the other is no rotation yet: all must have it first.

use crate::command_error::CommandError;
use crate::data_dir::DataDir;
use signet_kernel::Context;
use signet_signing_keys::{MasterKey, MasterKeyError, RecordKey, RecordKeyError};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// Why another key did not take the place of the master key. Running it again goes on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RotationError {
    /// One of the keys cannot be read or made.
    #[error(transparent)]
    Key(#[from] MasterKeyError),
    /// The record key cannot be sealed anew.
    #[error(transparent)]
    Record(#[from] RecordKeyError),
    /// A file cannot get its name.
    #[error("the master key files in {} cannot be renamed: {source}", directory.display())]
    Names {
        /// Where they lie.
        directory: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The key in use; made with the data, and never again: a new key beside old data (`used`) would open nothing of it.
/// Nodes that share a database share the key too, so that all but the first find it put there by the operator.
pub(crate) fn open(data: &DataDir, used: bool, context: &Context) -> Result<MasterKey, CommandError> {
    let key = match used {
        true => MasterKey::load(&data.master_key()),
        false => MasterKey::load_or_create(&data.master_key(), context),
    };
    key.map_err(CommandError::failed)
}

/// The key that is to take its place, if a rotation was begun.
pub(crate) fn next(data: &DataDir) -> Result<Option<MasterKey>, MasterKeyError> {
    match MasterKey::load(&data.next_master_key()) {
        Ok(key) => Ok(Some(key)),
        Err(MasterKeyError::File { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A key of another time by its fingerprint: the next one, or one that was in use before.
pub(crate) fn other(data: &DataDir, fingerprint: &str) -> Option<MasterKey> {
    let places = [data.next_master_key(), data.former_master_key(fingerprint)];
    places.iter().filter_map(|path| MasterKey::load(path).ok()).find(|key| key.fingerprint() == fingerprint)
}

/// Makes the next key, and no more, so that it can be copied to where it is needed; the same again if it is there.
pub(crate) fn prepare(data: &DataDir, context: &Context) -> Result<MasterKey, MasterKeyError> {
    MasterKey::load_or_create(&data.next_master_key(), context)
}

/// Whether a rotation has begun here, with `next` as the new key.
pub(crate) fn has_begun(data: &DataDir, next: &MasterKey) -> Result<bool, RecordKeyError> {
    RecordKey::is_sealed_by(&data.record_key(), next)
}

/// Begins a rotation, or goes on with one: makes the next key, and seals the record key under it. What tenants have is
/// to follow.
pub(crate) fn begin(data: &DataDir, old: &MasterKey, context: &Context) -> Result<MasterKey, RotationError> {
    let new = prepare(data, context)?;
    RecordKey::reseal(&data.record_key(), old, &new, context)?;
    Ok(new)
}

/// Ends it, once nothing is sealed under the old key any more: the old file is kept under its fingerprint, since older
/// backups need it, and the new one takes its place.
pub(crate) fn finish(data: &DataDir) -> Result<PathBuf, RotationError> {
    let kept = data.former_master_key(MasterKey::load(&data.master_key())?.fingerprint());
    swap(data, &kept).map_err(|source| RotationError::Names { directory: data.path().to_owned(), source })?;
    Ok(kept)
}

fn swap(data: &DataDir, kept: &PathBuf) -> io::Result<()> {
    match fs::hard_link(data.master_key(), kept) {
        // An earlier attempt came as far as here.
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(data.path())?.sync_all()?;
    fs::rename(data.next_master_key(), data.master_key())?;
    File::open(data.path())?.sync_all()
}
