//! Anchors as files.

use super::AnchorSink;
use async_trait::async_trait;
use signet_kernel::TenantId;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A directory, with one for each tenant in it: best on a disk that is not this machine's, or that is written once.
#[derive(Debug, Clone)]
pub struct DirectorySink(PathBuf);

impl DirectorySink {
    /// The directory at `path`, made when the first anchor is put there.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn of(&self, tenant: TenantId) -> PathBuf {
        self.0.join(tenant.to_string())
    }
}

#[async_trait]
impl AnchorSink for DirectorySink {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    async fn has(&self, tenant: TenantId, beginning: &str) -> Result<bool, String> {
        match std::fs::read_dir(self.of(tenant)) {
            Ok(mut entries) => Ok(entries.any(|entry| {
                entry.is_ok_and(|entry| {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    name.starts_with(beginning) && name.ends_with(".checkpoint")
                })
            })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn put(&self, tenant: TenantId, name: &str, note: &[u8]) -> Result<(), String> {
        write(&self.of(tenant), name, note).map_err(|error| error.to_string())
    }
}

/// A crash leaves no half of it under its name.
fn write(directory: &Path, name: &str, note: &[u8]) -> std::io::Result<()> {
    let to = directory.join(name);
    if to.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(directory)?;
    let draft = directory.join(format!("{name}.new"));
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(note)?;
    file.sync_all()?;
    std::fs::rename(&draft, &to)?;
    std::fs::File::open(directory)?.sync_all()
}
