//! A child that confines itself, says who it is, and works for longer than anybody waits.

use std::io::Write as _;
use std::time::Duration;

fn main() -> std::io::Result<()> {
    signet_children::confine(19, 1 << 30, signet_children::Files::Read)?;
    println!("{}", std::process::id());
    std::io::stdout().flush()?;
    std::thread::sleep(Duration::from_secs(600));
    Ok(())
}
