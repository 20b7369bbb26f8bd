//! A child that answers queries, as `signet query-worker` is one.

fn main() -> std::io::Result<()> {
    signet_children::confine(19, 1 << 30, signet_children::Files::Read)?;
    signet_log_engine::worker::serve(std::io::stdin().lock(), std::io::stdout().lock(), 2)
}
