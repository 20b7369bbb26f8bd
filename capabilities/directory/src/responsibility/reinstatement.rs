//! What comes back from the deleted items is answered for, also if all its sponsors left while it was there.

use super::heirs::Heirs;
use super::succession::{audit_succession, pass_on};
use super::{Naming, SPONSORS};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{ListQuery, Liveness, Row, TenantStore};
use std::collections::BTreeSet;

/// How many things are read at once.
const PAGE: usize = 500;

/// Refuses where nobody in the tenant could answer for anything: asked before something is restored.
pub async fn require_anyone(store: &TenantStore) -> Result<(), Failure> {
    Heirs::of_nobody(store).last_resort().await.map(drop)
}

/// Gives a sponsor to `root`, which was restored, and to everything that came back with it, wherever none is left.
///
/// WHY: after the restore and not with it: the store shows the sponsors of what is not deleted. A process that ends in
/// between leaves a thing that another restore or its blueprint's sponsors must see to; nothing issued to it before
/// is valid.
pub async fn reinstate_sponsors(call: &Call, root: ObjectId) -> Result<(), Failure> {
    for thing in unsponsored_below(&call.store, root).await? {
        let attempt = || async {
            let mut unit = call.store.unit();
            if let Some(row) = call.store.read_row(thing).await? {
                let mut heirs = Heirs::of_nobody(&call.store);
                let succession = pass_on(&mut heirs, &mut unit, &row).await?;
                heirs.expect(&mut unit);
                audit_succession(call, &mut unit, &succession).await?;
            }
            Ok::<_, Failure>((unit, ()))
        };
        call.store.run(attempt).await?;
    }
    Ok(())
}

/// `root` and what hangs off it, as far as it must have a sponsor and has none; parents first.
async fn unsponsored_below(store: &TenantStore, root: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let mut found = Vec::new();
    let (mut inside, mut outside) = (BTreeSet::from([root]), BTreeSet::new());
    let mut after = None;
    loop {
        let kinds = Naming::SPONSORED.to_vec();
        let query = ListQuery { kinds, liveness: Liveness::Live, after, limit: PAGE, index: None };
        let page = store.list(query).await?;
        for row in &page.items {
            if is_below(store, row, &mut inside, &mut outside).await?
                && store.links_from(row.id, SPONSORS).await?.links.is_empty()
            {
                found.push(row.id);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Whether `row` hangs off something that is known to be inside. What is learnt about its parents is kept.
async fn is_below(
    store: &TenantStore,
    row: &Row,
    inside: &mut BTreeSet<ObjectId>,
    outside: &mut BTreeSet<ObjectId>,
) -> Result<bool, Failure> {
    let mut passed = Vec::new();
    let mut at = Some((row.id, row.parent));
    let is_inside = loop {
        match at {
            None => break false,
            Some((id, _)) if inside.contains(&id) => break true,
            Some((id, _)) if outside.contains(&id) => break false,
            Some((_, None)) => break false,
            Some((_, Some(parent))) => {
                passed.push(parent);
                at = store.read_row(parent).await?.map(|parent| (parent.id, parent.parent));
            }
        }
    };
    if is_inside { inside } else { outside }.extend(passed);
    Ok(is_inside)
}
