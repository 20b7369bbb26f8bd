//! `signet serve` in a process of its own.

use crate::{command, free_address};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Output, Stdio};

pub(crate) struct Served {
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
    log: String,
    url: String,
    data: PathBuf,
}

impl Served {
    /// Returns when the server says that it is ready.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same with more environment variables.
    pub(crate) fn start_with(data: &Path, environment: &[(&str, &str)]) -> Self {
        let (listen, management, at) = (free_address(), free_address(), data.display().to_string());
        let words = ["serve", "--data-dir", &at, "--listen", &listen, "--management-listen", &management];
        let mut command = command(&words);
        let mut process = command.envs(environment.iter().copied()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = format!("https://localhost:{}", listen.rsplit_once(':').unwrap().1);
        let mut served = Self { process, lines, log: String::new(), url, data: data.to_owned() };
        while !served.log.contains(" ready ") {
            let line = served.lines.next().transpose().unwrap();
            assert!(line.is_some(), "it ended: {}", served.log);
            served.log += &format!("{}\n", line.unwrap());
        }
        served
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A command on the same data directory, against this server.
    pub(crate) fn signet(&self, words: &[&str]) -> Output {
        self.signet_with(words, ("NO_COLOR", "1"))
    }

    /// The same with one more environment variable.
    pub(crate) fn signet_with(&self, words: &[&str], (name, value): (&str, &str)) -> Output {
        let data = self.data.display().to_string();
        let mut command = command(&[words, &["--data-dir", &data, "--output", "json"]].concat());
        command.env("SIGNET_URL", &self.url).env(name, value).output().unwrap()
    }

    /// Asks it to stop, and gives its whole log.
    pub(crate) fn stopped(mut self) -> String {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        for line in self.lines.by_ref() {
            self.log += &format!("{}\n", line.unwrap());
        }
        assert!(self.process.wait().unwrap().success(), "{}", self.log);
        std::mem::take(&mut self.log)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A test that failed leaves no server behind; one that was stopped is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
