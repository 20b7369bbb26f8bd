//! A PostgreSQL cluster of a test's own: private, empty, gone with the test.
//!
//! For `dev-dependencies` alone. The server listens on a socket in a directory of its own and on no address. It
//! flushes nothing to disk, so it is fast and survives no power loss. A shell that reads from this process stops
//! it and removes its directory, also when the test is killed. As root it runs as `postgres` or `nobody`, since
//! PostgreSQL refuses root. Start with [`Cluster::start`], then [`Cluster::create_database`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod programs;
mod roles;
mod tls;

pub use roles::{NODE, OWNER};
pub use tls::ServerTls;

use account::Account;
use programs::program;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

const SOCKET_PORT: u16 = 5432;

/// The name of the superuser, who needs no password.
pub const USER: &str = "signet";

const SUPERVISE: &str = r#"
exec 2>/dev/null
server=$1 directory=$2 isready=$3 user=$4 port=$5
shift 5
"$server" -D "$directory/data" -k "$directory" -p "$port" -F -c full_page_writes=off -c max_connections=200 \
    -c logging_collector=off -c client_min_messages=warning "$@" >"$directory/log" 2>&1 &
running=$!
until [ -S "$directory/.s.PGSQL.$port" ] && "$isready" -q -h "$directory" -p "$port" -U "$user" -d postgres; do
    kill -0 "$running" || { echo failed; exit 1; }
done
echo ready
read -r _
kill -QUIT "$running"
wait "$running"
rm -rf "$directory"
"#;

/// A running server.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    port: u16,
    account: Account,
    supervisor: Child,
    databases: AtomicU32,
    roles: Once,
}

impl Cluster {
    /// Makes and starts one.
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// Makes and starts one that also listens on a port of the loopback address, for clients that use TLS and
    /// prove who they are by a certificate.
    pub fn start_with_tls(tls: &ServerTls) -> Self {
        Self::start_with(Some(tls))
    }

    fn start_with(tls: Option<&ServerTls>) -> Self {
        let account = Account::of_server();
        let directory = tempfile::Builder::new().prefix("signet-pg-").tempdir_in("/tmp").expect("a directory").keep();
        account.give(&directory);
        initialise(&account, &directory);
        let (port, settings) =
            tls.map_or_else(|| (SOCKET_PORT, vec!["-h".into(), String::new()]), |tls| tls.install(account, &directory));
        let supervisor = supervise(&account, &directory, port, &settings);
        Self { directory, port, account, supervisor, databases: AtomicU32::new(0), roles: Once::new() }
    }

    /// The port, on the loopback address if it listens there.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes an empty database and says how to reach it.
    pub fn create_database(&self) -> String {
        let name = self.new_name();
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name, USER)
    }

    fn new_name(&self) -> String {
        format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed))
    }

    /// How `user` reaches `database`.
    pub fn url(&self, database: &str, user: &str) -> String {
        format!("postgresql:///{database}?host={}&user={user}", self.directory.display())
    }

    /// Runs SQL as the superuser; the rows come back a line each, columns apart by `|`.
    pub fn execute(&self, database: &str, sql: &str) -> String {
        self.execute_as(USER, database, sql)
    }

    fn execute_as(&self, user: &str, database: &str, sql: &str) -> String {
        let mut psql = self.account.command(&program("psql"));
        psql.args([
            "-p",
            &self.port.to_string(),
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            user,
            "-d",
            database,
            "-c",
            sql,
        ]);
        run(psql.arg("-h").arg(&self.directory))
    }

    /// The schema of a database as SQL, without what differs from one dump of it to the next.
    pub fn dump_schema(&self, database: &str) -> String {
        let mut dump = self.account.command(&program("pg_dump"));
        let dump =
            run(dump.args(["--schema-only", "--no-owner", "-U", USER, "-d", database, "-h"]).arg(&self.directory));
        dump.lines().filter(|line| !line.starts_with('\\')).map(|line| format!("{line}\n")).collect()
    }

    /// Ends every connection to a database but the one that asks, as a failing network would; returns how many.
    pub fn cut_connections(&self, database: &str) -> usize {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.execute(database, sql).lines().count()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The supervisor reads the end of its input, stops the server and removes the directory.
        drop(self.supervisor.stdin.take());
        drop(self.supervisor.wait());
    }
}

/// The database's name in an address of [`Cluster::create_database`].
pub fn database_of(url: &str) -> &str {
    url.trim_start_matches("postgresql:///").split('?').next().unwrap_or_default()
}

/// Making a cluster costs six times as much as copying one, so a build keeps the first that its tests make.
fn initialise(account: &Account, directory: &Path) {
    let Some(kept) = kept_beside(&std::env::current_exe().expect("this program")) else {
        return initdb(account, &directory.join("data"));
    };
    if !kept.exists() {
        initdb(account, &directory.join("first"));
        run(Command::new("mkdir").arg("-p").arg(kept.parent().unwrap_or(&kept)));
        // Copied aside and then renamed: another test may do the same. Who comes second finds it there.
        let aside = kept.with_extension(format!("{}", std::process::id()));
        run(Command::new("cp").args(["-a", "--"]).args([&directory.join("first"), &aside]));
        drop(std::fs::rename(&aside, &kept));
        drop(std::fs::remove_dir_all(aside));
    }
    run(Command::new("cp").args(["-a", "--"]).args([&kept, &directory.join("data")]));
}

/// Beside the build of `program`, named after the server's version; nowhere if it does not lie in a build.
fn kept_beside(this: &Path) -> Option<PathBuf> {
    let build = this.ancestors().find(|folder| folder.ends_with("deps"))?.parent()?;
    let server = program("postgres");
    let version = Command::new(server).arg("--version").output().ok()?.stdout;
    let name: String = String::from_utf8(version).ok()?.chars().filter(char::is_ascii_alphanumeric).collect();
    Some(build.join("postgres").join(name))
}

fn initdb(account: &Account, data: &Path) {
    let mut initdb = account.command(&program("initdb"));
    initdb.arg("-D").arg(data);
    run(initdb.args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--wal-segsize=1"]));
}

fn supervise(account: &Account, directory: &Path, port: u16, settings: &[String]) -> Child {
    let mut shell = account.command(Path::new("/bin/sh"));
    shell.args(["-c", SUPERVISE, "supervisor"]).arg(program("postgres")).arg(directory).arg(program("pg_isready"));
    // A signal for the test's group, such as an interrupt, must leave the supervisor to clean up.
    std::os::unix::process::CommandExt::process_group(&mut shell, 0);
    shell.args([USER, &port.to_string()]).args(settings).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut supervisor = shell.spawn().expect("a shell starts");
    let mut line = String::new();
    BufReader::new(supervisor.stdout.take().expect("its output")).read_line(&mut line).expect("its first line");
    let log = || std::fs::read_to_string(directory.join("log")).unwrap_or_default();
    assert_eq!(line.trim(), "ready", "the server does not start: {}", log());
    supervisor
}

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_serves_databases_and_leaves_nothing() {
        let cluster = Cluster::start();
        let url = cluster.create_database();
        assert_eq!(database_of(&url), "test_0");
        assert_eq!(cluster.execute("test_0", "SELECT 1 + 1").trim(), "2");
        let directory = cluster.directory.clone();
        drop(cluster);
        assert!(!directory.exists());
    }
}
