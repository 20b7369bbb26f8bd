//! Who the server runs as: this account, or one without rights when this is root.

use std::path::Path;
use std::process::Command;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Account(Option<(u32, u32)>);

impl Account {
    pub(crate) fn of_server() -> Self {
        if Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout != b"0\n") {
            return Self(None);
        }
        let accounts = std::fs::read_to_string("/etc/passwd").expect("the accounts");
        let found = ["postgres", "nobody"].iter().find_map(|name| ids(&accounts, name));
        Self(Some(found.expect("an account without rights: postgres or nobody")))
    }

    pub(crate) fn give(self, directory: &Path) {
        if let Self(Some((user, group))) = self {
            std::os::unix::fs::chown(directory, Some(user), Some(group)).expect("the directory changes hands");
        }
    }

    /// A command that this account runs, from a directory that every account may enter.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C");
        if let Self(Some((user, group))) = self {
            std::os::unix::process::CommandExt::uid(&mut command, user);
            std::os::unix::process::CommandExt::gid(&mut command, group);
        }
        command
    }
}

fn ids(accounts: &str, name: &str) -> Option<(u32, u32)> {
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
