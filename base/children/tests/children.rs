//! Children that are shells: they end, hang and are orphaned.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use signet_children::{ChildError, Children, Pipes, Program};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

fn shell(script: &str) -> Children {
    let arguments = vec!["-c".into(), script.into()];
    Children::new(Program { program: "/bin/sh".into(), arguments }, 1)
}

async fn is_there(file: &Path) {
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Sends a message and takes the same back, as `cat` answers.
fn echo(pipes: &mut Pipes) -> io::Result<Vec<u8>> {
    pipes.send(b'E', b"said")?;
    Ok(pipes.receive()?.1)
}

#[tokio::test]
async fn a_child_is_taken_again_and_one_whose_work_failed_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let started = folder.path().join("started");
    let children = shell(&format!("echo >> {0}; exec cat", started.display()));
    let starts = || std::fs::read(&started).map_or(0, |lines| lines.len());
    for _ in 0..3 {
        assert_eq!(children.work(echo).await.unwrap(), b"said");
        assert_eq!(starts(), 1);
    }
    let failed = children.work(|_| Err::<(), _>(io::ErrorKind::InvalidData.into())).await;
    assert!(matches!(failed, Err(ChildError::Ended(_))));
    assert_eq!(children.work(echo).await.unwrap(), b"said");
    assert_eq!(starts(), 2);
}

#[tokio::test]
async fn no_program_is_an_error() {
    let children = Children::new(Program { program: "/nowhere".into(), arguments: Vec::new() }, 1);
    let Err(ChildError::Start(_)) = children.work(echo).await else { panic!("it was started") };
}

#[tokio::test]
async fn a_child_that_nobody_waits_for_any_more_is_ended_and_its_turn_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first");
    let script = format!("if [ -e {0} ]; then exec cat; fi; : > {0}; exec sleep 600", first.display());
    let children = shell(&script);
    tokio::select! {
        answered = children.work(echo) => panic!("{answered:?}"),
        () = is_there(&first) => {}
    }
    assert_eq!(children.work(echo).await.unwrap(), b"said");
}

/// The field of `/proc/PID/stat` that says how far a process gives way; none when it is gone, or nothing but its name is left.
fn niceness(pid: &str) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    if fields.first() == Some(&"Z") { None } else { fields.get(16)?.parse().ok() }
}

fn example(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples").join(name)
}

#[test]
fn a_child_is_of_the_program_that_runs_though_its_file_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("server");
    std::fs::copy(example("again"), &program).unwrap();
    let mut server = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "ready");
    std::fs::remove_file(&program).unwrap();
    server.stdin.take().unwrap().write_all(b"now\n").unwrap();
    assert_eq!(said.next().unwrap().unwrap(), "said again");
    assert!(server.wait().unwrap().success());
}

#[test]
fn a_child_gives_way_and_ends_with_its_server_though_that_is_killed_in_the_middle_of_work() {
    let script = format!("{} & wait", example("confined").display());
    let mut server = Command::new("/bin/sh").args(["-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let child = line.trim();
    assert_eq!(niceness(child), Some(19));
    server.kill().unwrap();
    server.wait().unwrap();
    while niceness(child).is_some() {
        std::thread::sleep(Duration::from_millis(5));
    }
}
