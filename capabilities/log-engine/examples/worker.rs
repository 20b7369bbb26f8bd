//! A child that answers queries, as `signet query-worker` is one.

fn main() -> std::io::Result<()> {
    signet_log_engine::worker::confine(1 << 30)?;
    signet_log_engine::worker::serve(std::io::stdin().lock(), std::io::stdout().lock(), 2)
}
