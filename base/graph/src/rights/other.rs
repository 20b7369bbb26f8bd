//! Rights besides permissions, such as directory roles and those of owners. What they are is not known here.

use crate::entity::Call;
use async_trait::async_trait;
use signet_kernel::Failure;
use signet_store::Row;

/// What is done to an object, or to a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It is read.
    Read,
    /// It is created.
    Create,
    /// This property of it is changed; none is named where the type declares none.
    Update(&'static str),
    /// This property of it, which is true or false, becomes so.
    Turn(&'static str, bool),
    /// It is deleted.
    Delete,
    /// It is brought back, or seen among what could be.
    Restore,
    /// It is removed for good.
    Purge,
    /// This collection that hangs off it is read.
    ReadPart(&'static str),
    /// This relation of it, or this collection that hangs off it, is changed.
    ChangePart(&'static str),
    /// This action or function is called.
    Call(&'static str),
}

impl Deed {
    /// Whether it leaves the object other than it was.
    pub(crate) fn changes(self) -> bool {
        !matches!(self, Self::Read | Self::ReadPart(_))
    }
}

/// What would let a caller do something, besides permissions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherWays {
    /// A role that allows any one of these actions.
    pub actions: Vec<String>,
    /// Being at the far end of one of these relations of the object.
    pub relations: Vec<&'static str>,
}

/// Finds what callers may do besides what their permissions say.
#[async_trait]
pub trait OtherRights: Send + Sync + 'static {
    /// What would let a caller do this to objects of a kind.
    fn declared(&self, kind: &str, deed: Deed) -> OtherWays;

    /// What a caller holds. Asked once in a request, and only where its permissions do not suffice.
    async fn held(&self, call: &Call) -> Result<Box<dyn HeldRights>, Failure>;

    /// Why this caller's permissions do not suffice to change this object, nor rights that reach further than the part
    /// of the directory that keeps its own: a sentence. Asked of each change.
    async fn restriction(&self, _call: &Call, _row: &Row) -> Result<Option<String>, Failure> {
        Ok(None)
    }
}

/// What one caller may do besides what its permissions say.
#[async_trait]
pub trait HeldRights: Send + Sync {
    /// Whether it may do this to every object of a kind.
    fn everywhere(&self, kind: &str, deed: Deed) -> bool;

    /// Whether it may do this to some objects of a kind, because of what they are or where they belong. Lists look for
    /// those.
    fn partly(&self, kind: &str, deed: Deed) -> bool;

    /// Whether it may do this to some objects of a kind because of their links to it. Lists do not look for those.
    fn by_links(&self, kind: &str, deed: Deed) -> bool;

    /// Whether it may do this to this object, for whatever reason.
    async fn here(&self, call: &Call, row: &Row, deed: Deed) -> Result<bool, Failure>;

    /// Whether it may do this to this object, changes of which are [restricted](OtherRights::restriction).
    async fn here_though_restricted(&self, _call: &Call, _row: &Row, _deed: Deed) -> Result<bool, Failure> {
        Ok(false)
    }

    /// Whether another right may stand for this permission. What a caller may never hold, it gains in no other way.
    fn may_stand_for(&self, permission: &str) -> bool;
}
