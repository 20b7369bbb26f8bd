//! A child that makes columns, as `signet column-worker` is one.

fn main() -> std::io::Result<()> {
    signet_children::confine(19, 1 << 30, signet_children::Files::Write)?;
    signet_log_storage::serve(std::io::stdin().lock(), std::io::stdout().lock())
}
