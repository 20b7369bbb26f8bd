//! Names that say nothing: what has no name has no place yet.

use std::{fs, io, path::Path};

const BANNED: [&str; 8] = ["utils", "util", "helpers", "common", "shared", "core", "manager", "misc"];

/// Every folder and file under `root` whose name says nothing; build output and hidden folders are not looked at.
///
/// # Errors
/// When a folder cannot be read.
pub fn check_names(root: &Path) -> io::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if name.starts_with('.') || ["target", "node_modules", "signet-data", "__pycache__"].contains(&name) {
                continue;
            }
            let inside = path.strip_prefix(root).unwrap_or(&path).display();
            wrong.extend(check_name(name).map(|reason| format!("{inside}: {reason}")));
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            }
        }
    }
    Ok(wrong)
}

pub(crate) fn check_name(name: &str) -> Option<String> {
    let stem = name.split('.').next().unwrap_or(name);
    let banned = BANNED.contains(&stem.to_ascii_lowercase().as_str());
    banned.then(|| format!("\"{stem}\" says nothing; name it after what it holds"))
}
