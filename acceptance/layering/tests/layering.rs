//! This workspace keeps to the floors and the listed edges.

use signet_layering::{AllowedEdges, EDGES_FILE, Metadata, check, check_names};
use std::{fs, path::Path};

#[test]
fn edges_follow_the_floors_and_the_list() {
    let metadata = Metadata::load(env!("CARGO").as_ref(), env!("CARGO_MANIFEST_DIR").as_ref()).unwrap();
    let edges = fs::read_to_string(Path::new(&metadata.workspace_root).join(EDGES_FILE)).unwrap();
    let wrong = check(&metadata, &AllowedEdges::parse(&edges).unwrap());
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn no_folder_or_file_has_a_name_that_says_nothing() {
    let metadata = Metadata::load(env!("CARGO").as_ref(), env!("CARGO_MANIFEST_DIR").as_ref()).unwrap();
    let wrong = check_names(Path::new(&metadata.workspace_root)).unwrap();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
