//! What must be true of a whole tenant, whatever was done to it.

use crate::{AgentIdentity, AgentRefused, AgentUser};
use serde_json::Value;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_directory::responsibility::SPONSORS;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, ListQuery, Liveness, NeededLink, Row, TenantStore};
use std::collections::BTreeMap;

/// Rows read at a time.
const CHUNK: usize = 1_000;
/// Of each kind of contradiction, so many are named.
const OF_EACH: usize = 20;

/// Reads the whole tenant and says what contradicts itself, one sentence each: references to what does not exist,
/// unique keys and index rows without their objects, what reaches into another tenant; INVARIANT 7: blueprints and
/// agents without a sponsor; INVARIANT 6: credentials of agents; agents and agent users under something else than
/// their kind of parent. Nothing, if all is well.
pub async fn sweep(store: &TenantStore) -> Result<Vec<String>, Failure> {
    let sponsored = |kind| NeededLink { kind, relation: SPONSORS };
    let mut said = store.contradictions(&[sponsored(Blueprint::NAME), sponsored(AgentIdentity::NAME)]).await?;
    for liveness in [Liveness::Live, Liveness::Deleted] {
        let parents = [(AgentIdentity::NAME, BlueprintPrincipal::NAME), (AgentUser::NAME, AgentIdentity::NAME)];
        for (kind, parent) in parents {
            said.extend(of_kind(store, kind, parent, liveness).await?);
        }
    }
    said.extend(credentials_of_agents(store).await?);
    Ok(said)
}

async fn of_kind(
    store: &TenantStore,
    kind: &'static str,
    parent: &'static str,
    liveness: Liveness,
) -> Result<Vec<String>, Failure> {
    let (mut said, mut known, mut after) = (Vec::new(), BTreeMap::new(), None);
    loop {
        let page = store.list(ListQuery { kinds: vec![kind], liveness, after, limit: CHUNK, index: None }).await?;
        for row in &page.items {
            if said.len() < OF_EACH && !hangs_off(store, row, parent, &mut known).await? {
                said.push(format!("{}, of kind {kind}, does not hang off an object of kind {parent}", row.id));
            }
            if said.len() < OF_EACH && kind == AgentIdentity::NAME && holds_credentials(row)? {
                said.push(format!("{}, an agent identity, holds a credential", row.id));
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(said);
        }
    }
}

async fn hangs_off(
    store: &TenantStore,
    row: &Row,
    wanted: &str,
    known: &mut BTreeMap<ObjectId, String>,
) -> Result<bool, Failure> {
    let Some(parent) = row.parent else { return Ok(false) };
    let kind = match known.get(&parent) {
        Some(kind) => kind.clone(),
        None => store.read_row(parent).await?.map(|row| row.kind).unwrap_or_default(),
    };
    let hangs = kind == wanted;
    known.insert(parent, kind);
    Ok(hangs)
}

fn holds_credentials(row: &Row) -> Result<bool, Failure> {
    let body: Value = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
    let some = |value: &Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
    Ok(AgentRefused::CREDENTIALS.iter().any(|name| body.get(name).is_some_and(some)))
}

/// Federated credentials that hang off an agent.
async fn credentials_of_agents(store: &TenantStore) -> Result<Vec<String>, Failure> {
    const FEDERATED: &str = "federatedIdentityCredential";
    let (mut said, mut known, mut after) = (Vec::new(), BTreeMap::new(), None);
    loop {
        let query = ListQuery { kinds: vec![FEDERATED], liveness: Liveness::Live, after, limit: CHUNK, index: None };
        let page = store.list(query).await?;
        for row in &page.items {
            if said.len() < OF_EACH && hangs_off(store, row, AgentIdentity::NAME, &mut known).await? {
                said.push(format!("{}, a federated credential, hangs off an agent identity", row.id));
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(said);
        }
    }
}
