//! Who is let in: the permissions that a caller holds are asked first, then its other rights, once.
//!
//! INVARIANT: a caller learns nothing of an object to which nothing lets it in: a missing one is denied like that.

use crate::catalog::DirectoryType;
use crate::entity::{Call, JsonMap};
use crate::lookup::{Found, find};
use crate::place::Target;
use crate::precondition::on_version;
use crate::request::Request;
use crate::rights::{AnyOf, HeldRights, OtherRights, Way, denied, holds_one};
use signet_kernel::{Failure, Fault};
use signet_store::{Liveness, Row};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// The other rights of the caller of one request.
pub(crate) struct Rights {
    source: Option<Arc<dyn OtherRights>>,
    held: OnceLock<Box<dyn HeldRights>>,
}

impl Rights {
    pub(crate) fn of(source: Option<Arc<dyn OtherRights>>) -> Self {
        Self { source, held: OnceLock::new() }
    }

    /// Why a change of this object is kept for others than those who may do the like elsewhere.
    async fn restriction(&self, call: &Call, row: &Row) -> Result<Option<String>, Failure> {
        match &self.source {
            Some(source) => source.restriction(call, row).await,
            None => Ok(None),
        }
    }

    async fn held(&self, call: &Call) -> Result<Option<&dyn HeldRights>, Failure> {
        let Some(source) = &self.source else { return Ok(None) };
        if let Some(held) = self.held.get() {
            return Ok(Some(held.as_ref()));
        }
        let held = source.held(call).await?;
        Ok(Some(self.held.get_or_init(|| held).as_ref()))
    }
}

/// An object that the caller may do something to.
pub(crate) struct Admitted {
    pub(crate) one: Arc<DirectoryType>,
    pub(crate) row: Row,
    /// The call to the operation: its caller holds what its other rights stand for in this operation.
    pub(crate) call: Call,
    /// Whether another right than a permission let it in.
    pub(crate) otherwise: bool,
}

/// The ways to an operation on objects of a type.
pub(crate) type WaysOf<'a> = &'a (dyn Fn(&DirectoryType) -> Vec<Way> + Sync);

impl Request {
    /// Whether the caller holds one of these permissions.
    pub(crate) fn holds(&self, list: AnyOf) -> bool {
        self.call.caller.holds_any(list)
    }

    async fn held(&self) -> Result<Option<&dyn HeldRights>, Failure> {
        self.rights.held(&self.call).await
    }

    /// The call with what these ways stand for. Who may read gains nothing that lets its holders write, though that is
    /// among the permissions to read.
    fn raised(&self, held: &dyn HeldRights, ways: &[Way]) -> Call {
        let mut call = self.call.clone();
        let writes = |permission: &str| self.everything.types.iter().any(|one| one.lets_write(permission));
        let fits = |way: &Way, permission: &str| way.deed.changes() || !writes(permission);
        let gained = ways.iter().flat_map(|way| way.permissions.iter().filter(move |permission| fits(way, permission)));
        let gained = gained.filter(|permission| held.may_stand_for(permission));
        call.caller.roles.extend(gained.map(|permission| (*permission).to_owned()));
        call
    }

    /// The call to an operation that concerns no single object: creating one, or an action of a set.
    pub(crate) async fn admit_everywhere(&self, ways: &[Way]) -> Result<Call, Failure> {
        if holds_one(&self.call.caller, ways) {
            return Ok(self.call.clone());
        }
        let Some(held) = self.held().await? else { return Err(denied(ways)) };
        let open: Vec<Way> =
            ways.iter().copied().filter(|way| stands(held, way) && held.everywhere(way.kind, way.deed)).collect();
        if open.is_empty() { Err(denied(ways)) } else { Ok(self.raised(held, &open)) }
    }

    /// Whether a list may hold objects that one of these ways leads to.
    pub(crate) async fn may_list(&self, ways: &[Way]) -> Result<bool, Failure> {
        if holds_one(&self.call.caller, ways) {
            return Ok(true);
        }
        let Some(held) = self.held().await? else { return Ok(false) };
        let open = |way: &Way| held.everywhere(way.kind, way.deed) || held.partly(way.kind, way.deed);
        Ok(ways.iter().any(|way| stands(held, way) && open(way)))
    }

    /// Refuses a list to whom no way leads to any of its objects.
    pub(crate) async fn require_list(&self, ways: &[Way]) -> Result<(), Failure> {
        if self.may_list(ways).await? { Ok(()) } else { Err(denied(ways)) }
    }

    /// Whether the caller may see this object in a list: by a permission to read that reaches it, by one to bring it
    /// back once it is deleted, or by another right.
    pub(crate) async fn sees(&self, one: &DirectoryType, row: &Row) -> Result<bool, Failure> {
        let access = one.declaration.access;
        let deletes = || row.deleted.is_some() && self.holds(access.delete);
        if (self.holds(access.read) && one.entity.visible(&self.call, row)) || deletes() {
            return Ok(true);
        }
        let Some(held) = self.held().await? else { return Ok(false) };
        let ways = if row.deleted.is_some() { one.reading_deleted() } else { one.reading() };
        for way in ways.iter().filter(|way| stands(held, way)) {
            let partly = || held.partly(way.kind, way.deed);
            if held.everywhere(way.kind, way.deed) || (partly() && held.here(&self.call, row, way.deed).await?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Which of these ways lead to an object, without a permission.
    async fn open_here(&self, row: &Row, ways: &[Way]) -> Result<Vec<Way>, Failure> {
        let mut open = Vec::new();
        let Some(held) = self.held().await? else { return Ok(open) };
        for way in ways.iter().filter(|way| stands(held, way)) {
            if held.everywhere(way.kind, way.deed) || held.here(&self.call, row, way.deed).await? {
                open.push(*way);
            }
        }
        Ok(open)
    }

    /// Lets the caller in to an object by one of these ways; its call holds what all that are open stand for.
    pub(crate) async fn admit(&self, (one, row): Found, ways: &[Way]) -> Result<Admitted, Failure> {
        if ways.iter().all(|way| way.deed.changes())
            && let Some(restriction) = self.rights.restriction(&self.call, &row).await?
        {
            return self.admit_though_restricted((one, row), ways, restriction).await;
        }
        if holds_one(&self.call.caller, ways) {
            return Ok(Admitted { one, row, call: self.call.clone(), otherwise: false });
        }
        let open = self.open_here(&row, ways).await?;
        match self.held().await? {
            Some(held) if !open.is_empty() => {
                Ok(Admitted { one, row, call: self.raised(held, &open), otherwise: true })
            }
            _ => Err(denied(ways)),
        }
    }

    /// Lets the caller in to change an object by a right over the part of the directory that keeps its own.
    async fn admit_though_restricted(
        &self,
        (one, row): Found,
        ways: &[Way],
        restriction: String,
    ) -> Result<Admitted, Failure> {
        let (held, mut open) = (self.held().await?, Vec::new());
        for way in ways {
            let Some(held) = held.filter(|held| stands(*held, way)) else { continue };
            if held.here_though_restricted(&self.call, &row, way.deed).await? {
                open.push(*way);
            }
        }
        match held.filter(|_| !open.is_empty()) {
            Some(held) => Ok(Admitted { one, row, call: self.raised(held, &open), otherwise: true }),
            // Who could not do it elsewhere learns nothing of where the object belongs.
            None if !holds_one(&self.call.caller, ways) && self.open_here(&row, ways).await?.is_empty() => {
                Err(denied(ways))
            }
            None => Err(Failure::new(Fault::Rights, "Authorization_RequestDenied", restriction)),
        }
    }

    /// The call to show an object: its caller holds what its other rights stand for, of the properties asked for that
    /// take a permission of their own to be seen.
    pub(crate) async fn call_to_show(&self, one: &DirectoryType, row: &Row) -> Result<Cow<'_, Call>, Failure> {
        let mut call = Cow::Borrowed(&self.call);
        let asked = |name: &str| self.query.contains(name);
        for known in one.guarded.iter().filter(|known| asked(known.name)) {
            let way = one.seeing(known);
            if self.holds(known.readable_with) || self.open_here(row, std::slice::from_ref(&way)).await?.is_empty() {
                continue;
            }
            if let Some(held) = self.held().await? {
                call.to_mut().caller.roles.extend(self.raised(held, &[way]).caller.roles);
            }
        }
        Ok(call)
    }

    /// The object of a target; none, if it is missing and the caller may know that.
    pub(crate) async fn reach(
        &self,
        target: &Target,
        state: Liveness,
        ways: WaysOf<'_>,
    ) -> Result<Option<Found>, Failure> {
        let all: Vec<Way> = target.scope.types.iter().flat_map(|one| ways(one)).collect();
        if holds_one(&self.call.caller, &all) {
            return find(&self.call, target, state).await;
        }
        let Some(held) = self.held().await? else { return Err(denied(&all)) };
        let some = |may: &dyn Fn(&Way) -> bool| all.iter().any(|way| stands(held, way) && may(way));
        if some(&|way| held.everywhere(way.kind, way.deed)) {
            return find(&self.call, target, state).await;
        }
        if !some(&|way| held.partly(way.kind, way.deed) || held.by_links(way.kind, way.deed)) {
            return Err(denied(&all));
        }
        let found = match find(&self.call, target, state).await {
            Err(failure) if failure.fault != Fault::Input => return Err(failure),
            found => found.ok().flatten(),
        };
        let Some(found) = found else { return Err(denied(&all)) };
        let open = self.open_here(&found.1, &ways(&found.0)).await?;
        if open.is_empty() { Err(denied(&all)) } else { Ok(Some(found)) }
    }

    /// Refuses a caller whom no way leads to a part of an object that it may read.
    pub(crate) async fn require_part(&self, row: &Row, ways: &[Way]) -> Result<(), Failure> {
        let open = holds_one(&self.call.caller, ways) || !self.open_here(row, ways).await?.is_empty();
        if open { Ok(()) } else { Err(denied(ways)) }
    }

    /// The call to change what a body names of an object: each member by one of the ways that lead to it.
    pub(crate) async fn admit_changes(&self, found: &Admitted, body: &JsonMap) -> Result<Call, Failure> {
        if body.is_empty() {
            return Ok(found.call.clone());
        }
        let mut call = self.call.clone();
        for (name, ways) in found.one.changing_all(body) {
            let found = (found.one.clone(), found.row.clone());
            let admitted = self.admit(found, &ways).await.map_err(|failure| failure.with_target(name))?;
            call.caller.roles.extend(admitted.call.caller.roles);
        }
        Ok(call)
    }

    /// The call to an operation on this object, with what the request's conditions say of it.
    pub(crate) fn call_on(&self, admitted: &Admitted) -> Result<Call, Failure> {
        self.conditioned(admitted.call.clone(), &admitted.row)
    }

    /// A call, with what the request's conditions say of an object.
    pub(crate) fn conditioned(&self, call: Call, row: &Row) -> Result<Call, Failure> {
        Ok(Call { if_match: on_version(&self.headers, row.version)?, ..call })
    }
}

/// Whether another right may open this way.
fn stands(held: &dyn HeldRights, way: &Way) -> bool {
    way.permissions.iter().any(|permission| held.may_stand_for(permission))
}
