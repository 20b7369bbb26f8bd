//! What a child does to itself before it works.

use rustix::process::{
    Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setpriority_process, setrlimit,
};
use std::io;
use std::time::Duration;

/// Address space beside what work holds: the program, stacks, and what the allocator sets aside.
const BESIDE: u64 = 3 << 30;
/// How often a child looks whether its server is still there, if nobody tells it.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Whether a child writes files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// It reads at most.
    Read,
    /// It makes files.
    Write,
}

/// Makes this process give way to others as far as `nice` says (19 is the farthest), end rather than take more than `memory`
/// bytes, leave no core, write no file unless it may, and end when its server has.
pub fn confine(nice: i32, memory: u64, files: Files) -> io::Result<()> {
    setpriority_process(None, nice)?;
    let at_most = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    setrlimit(Resource::As, at_most(memory.saturating_mul(2).saturating_add(BESIDE)))?;
    setrlimit(Resource::Core, at_most(0))?;
    if files == Files::Read {
        setrlimit(Resource::Fsize, at_most(0))?;
    }
    let server = getppid();
    // A server that is killed closes its end of the pipe, which nobody notices in the middle of work.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have ended before that.
    std::thread::Builder::new().name("server-watch".to_owned()).spawn(move || {
        while getppid() == server {
            std::thread::sleep(LOOK_EVERY);
        }
        std::process::exit(0);
    })?;
    Ok(())
}
