//! What went wrong, sorted by who must act, in two texts: one for the outside, one for the log.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Who must act. Each wire dialect maps this, and nothing else, to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The caller sent something that cannot be understood or is not allowed to be said.
    Input,
    /// The caller did not say, or could not prove, who it is.
    Unauthenticated,
    /// The caller is known and may not do this.
    Rights,
    /// What was named does not exist, or may not be known to exist.
    NotFound,
    /// The method does not exist here.
    Method,
    /// The state of the thing does not allow it; the caller may look again and decide.
    Conflict,
    /// The caller's `If-Match` named another version.
    Precondition,
    /// What was named existed and is gone for good: an expired page or delta token.
    Gone,
    /// The request is larger than the limit.
    TooLarge,
    /// The caller sends too much too fast.
    Throttled,
    /// Somebody else's system misbehaved.
    Peer,
    /// It may work in a moment.
    Temporary,
    /// Our mistake.
    Bug,
}

/// A rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Stable name: `maxLength`.
    pub rule: Cow<'static, str>,
    /// The member or parameter that breaks it.
    pub target: String,
    /// A sentence that tells the reader what to do.
    pub message: String,
}

/// Rules that were broken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(pub Vec<Violation>);

/// A refusal or a failure on its way out of the house.
///
/// `code` is stable and documented; `message` says what to do; `detail` is for the log alone and never leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Who must act.
    pub fault: Fault,
    /// Stable machine-readable code.
    pub code: Cow<'static, str>,
    /// A sentence that tells the reader what to do.
    pub message: String,
    /// The member or parameter at fault.
    pub target: Option<String>,
    /// For the log alone.
    pub detail: Option<Box<str>>,
    /// Each rule that was broken, where there are several, or where the rule has a name of its own.
    pub violations: Option<Box<Violations>>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure with a stable code and a sentence for the reader.
    pub fn new(fault: Fault, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            fault,
            code: code.into(),
            message: message.into(),
            target: None,
            detail: None,
            violations: None,
            retry_after: None,
        }
    }

    /// Our mistake: the outside learns nothing but that.
    pub fn bug(detail: impl fmt::Display) -> Self {
        Self::new(
            Fault::Bug,
            "InternalServerError",
            "Something went wrong on the server; quote the request-id when you report it.",
        )
        .with_detail(detail)
    }

    /// Something temporary: the outside is told when to come back.
    pub fn busy(detail: impl fmt::Display) -> Self {
        let mut failure = Self::new(
            Fault::Temporary,
            "ServiceUnavailable",
            "The server is busy; try again after the time in Retry-After.",
        );
        failure.retry_after = Some(Duration::from_secs(1));
        failure.with_detail(detail)
    }

    /// Names the member or parameter at fault.
    #[must_use]
    pub fn with_target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Names a rule that was broken, and what broke it.
    #[must_use]
    pub fn with_violation(mut self, violation: Violation) -> Self {
        self.violations.get_or_insert_default().0.push(violation);
        self
    }

    /// Adds what only the log may see.
    #[must_use]
    pub fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = Some(detail.to_string().into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}
