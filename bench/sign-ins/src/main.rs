//! Writes generated sign-ins and audit records as segments, and answers queries over them.
//!
//! `sign-ins write FOLDER ROWS` writes; `sign-ins ask FOLDER QUERIES` answers each text of a JSON file of
//! `[name, query]` pairs three times and prints the best time, in seconds, with the number of rows; `sign-ins explain
//! FOLDER QUERIES` prints how the engine goes about each.
//! `bench/log_queries.py` runs both, and DuckDB over the same files.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench may stop where it stands, and reads the clock"
)]

mod made;
mod queries;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", folder, rows] => made::write(folder.as_ref(), rows.parse().expect("a number of rows")),
        ["ask", folder, file] => queries::ask(folder.as_ref(), file.as_ref()),
        ["explain", folder, file] => queries::explain(folder.as_ref(), file.as_ref()),
        _ => println!("sign-ins write FOLDER ROWS | sign-ins ask FOLDER QUERIES | sign-ins explain FOLDER QUERIES"),
    }
}
