//! What a checkpoint says.

use crate::{Hash, NoteError, TreeHead, decimal};
use std::fmt;
use std::str::FromStr;

/// The most bytes a checkpoint's text may have.
const MAX_BYTES: usize = 8 * 1024;
/// The most extension lines.
const MAX_EXTENSIONS: usize = 16;
/// The most bytes an origin may have.
const MAX_ORIGIN: usize = 255;

/// Why a checkpoint is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not the form of a checkpoint.
    #[error("a checkpoint's text is an origin, a tree size, a root hash in base64, and short extension lines")]
    Malformed,
    /// It is another log's.
    #[error("the checkpoint is of the log {0}")]
    Origin(String),
}

/// A tree head under the name of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A statement about the log called `origin`.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`] if the origin or the size cannot be written.
    pub fn new(origin: impl Into<String>, head: TreeHead) -> Result<Self, CheckpointError> {
        let checkpoint = Self { origin: origin.into(), head, extensions: Vec::new() };
        // Reading it back holds it to every rule that a reader will.
        checkpoint.to_string().parse()
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The tree.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// Lines that the specification gives no meaning.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        if text.len() > MAX_BYTES {
            return Err(CheckpointError::Malformed);
        }
        read(text).ok_or(CheckpointError::Malformed)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.head.size, self.head.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn read(text: &str) -> Option<Checkpoint> {
    // SPEC: tlog-checkpoint, note text: at least three non-empty lines
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let origin = lines.next().filter(|line| is_line(line) && line.len() <= MAX_ORIGIN)?;
    let size = decimal::parse(lines.next()?).ok()?;
    let root = lines.next()?.parse().ok()?;
    let extensions: Option<Vec<_>> = lines.map(|line| is_line(line).then(|| line.to_owned())).collect();
    let extensions = extensions.filter(|lines| lines.len() <= MAX_EXTENSIONS)?;
    let empty = (size == 0) == (root == Hash::EMPTY);
    empty.then(|| Checkpoint { origin: origin.to_owned(), head: TreeHead { size, root }, extensions })
}

fn is_line(line: &str) -> bool {
    !line.is_empty() && !line.contains(|c: char| c.is_ascii_control())
}
