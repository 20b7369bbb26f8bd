//! The floors of the house, as a function from `cargo metadata` to what is wrong.
//!
//! Words: a *place* is a package's folder from the root (`base/store`), its *floor* the first part of it, an *edge* a
//! dependency between two places of this workspace, of any kind (normal, build, dev).
//!
//! Rules: `base` <- `standards` <- `capabilities` <- `apps`, never backwards; a standard uses nothing but `base/kernel`,
//! an app no other app; an edge inside `base` or `capabilities` stands in `docs/edges.toml` or is refused, and together
//! (development edges apart) they make no cycle; a package is named as its folder, with `signet-` before it or not; no
//! folder or file has a name that says nothing.
//!
//! Start at [`check`]. Absent on purpose: which outside crates may be used (`deny.toml`) and what a crate exports.

mod edges;
mod names;

pub use edges::{AllowedEdges, EDGES_FILE};
pub use names::check_names;

use serde::Deserialize;
use std::{collections::BTreeMap, ffi::OsStr, io, path::Path, process::Command};

/// The part of `cargo metadata --no-deps` that the rules read.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    /// The root folder.
    pub workspace_root: String,
    /// The workspace's members.
    pub packages: Vec<Package>,
}

impl Metadata {
    /// Asks `cargo` about the workspace that `folder` belongs to.
    ///
    /// # Errors
    /// When cargo does not run, fails, or answers something else.
    pub fn load(cargo: &OsStr, folder: &Path) -> io::Result<Self> {
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .current_dir(folder)
            .output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// One member.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name in `Cargo.toml`.
    pub name: String,
    /// Where that file lies.
    pub manifest_path: String,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
}

/// One line of a dependency table.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// Nothing for a normal one, else `dev` or `build`.
    pub kind: Option<String>,
    /// Its folder, when it is a member of this workspace.
    pub path: Option<String>,
}

/// A dependency between two members.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) for_tests: bool,
}

/// A package's folder, seen from the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) floor: String,
    pub(crate) folder: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.floor, self.folder)
    }
}

impl Place {
    fn parse(root: &str, path: &str) -> Option<Self> {
        let inside = path.strip_prefix(root)?.trim_start_matches('/');
        let inside = inside.strip_suffix("/Cargo.toml").unwrap_or(inside);
        let (floor, folder) = inside.split_once('/')?;
        Some(Self { floor: floor.to_owned(), folder: folder.to_owned() })
    }
}

/// Everything that is wrong with the workspace, each sentence naming the edge and the file to edit.
pub fn check(metadata: &Metadata, allowed: &AllowedEdges) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut found = Vec::new();
    for package in &metadata.packages {
        let Some(place) = Place::parse(&metadata.workspace_root, &package.manifest_path) else {
            wrong.push(format!("{} lies on no floor: move it to FLOOR/NAME and edit Cargo.toml", package.name));
            continue;
        };
        wrong.extend(check_package_name(package, &place));
        found.extend(edges_of(&metadata.workspace_root, package, &place));
    }
    found.sort();
    found.dedup();
    wrong.extend(found.iter().filter_map(|edge| check_floors(edge, allowed)));
    wrong.extend(edges::check_listed(&found, allowed));
    wrong.extend(edges::check_acyclic(&found));
    wrong
}

fn edges_of<'a>(root: &'a str, package: &'a Package, from: &'a Place) -> impl Iterator<Item = Edge> + 'a {
    package.dependencies.iter().filter_map(move |dependency| {
        let to = Place::parse(root, dependency.path.as_deref()?)?;
        Some(Edge { from: from.clone(), to, for_tests: dependency.kind.as_deref() == Some("dev") })
    })
}

fn check_package_name(package: &Package, place: &Place) -> Option<String> {
    let bare = package.name.strip_prefix("signet-").unwrap_or(&package.name);
    (bare != place.folder && package.name != place.folder).then(|| {
        format!(
            "{place} holds the package {}: name it {folder} or signet-{folder} in {place}/Cargo.toml",
            package.name,
            folder = place.folder
        )
    })
}

/// How high each floor lies; tools may look at everything, and nothing may look at them.
fn height(floor: &str) -> Option<u8> {
    let heights = BTreeMap::from([
        ("base", 0),
        ("standards", 1),
        ("capabilities", 2),
        ("apps", 3),
        ("acceptance", 4),
        ("bench", 4),
    ]);
    heights.get(floor).copied()
}

fn check_floors(edge: &Edge, allowed: &AllowedEdges) -> Option<String> {
    let Edge { from, to, .. } = edge;
    let remedy = format!("remove it from {from}/Cargo.toml");
    let (Some(upper), Some(lower)) = (height(&from.floor), height(&to.floor)) else {
        return Some(format!("{from} -> {to}: one of them lies on no floor; move it, or {remedy}"));
    };
    if upper < lower && !allowed.upward.contains(&format!("{from} -> {to}")) {
        return Some(format!("{from} -> {to}: {} never uses {}, which lies above it; {remedy}", from.floor, to.floor));
    }
    if from.floor == "standards" && (to.floor.as_str(), to.folder.as_str()) != ("base", "kernel") {
        return Some(format!("{from} -> {to}: a standard uses nothing of this workspace but base/kernel; {remedy}"));
    }
    if from.floor == "apps" && to.floor == "apps" {
        return Some(format!("{from} -> {to}: no app uses another; {remedy}"));
    }
    None
}

#[cfg(test)]
mod tests;
