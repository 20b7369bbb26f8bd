//! The directory as tables: who and what there is, as it is now.

use serde_json::{Value as Json, json};
use signet_directory::responsibility::{OWNERS, SPONSORS};
use signet_graph::JsonMap;
use signet_kernel::{Failure, Timestamp};
use signet_kql::{Column, Type, Value};
use signet_logs::tables::value_of;
use signet_store::{ListQuery, Liveness, Row, TenantStore};

/// Objects read at a time.
const BATCH: usize = 500;
const AGENT: &str = "agentIdentity";
const BLUEPRINT: &str = "agentIdentityBlueprint";
const PRINCIPAL: &str = "agentIdentityBlueprintPrincipal";
const AGENT_USER: &str = "agentUser";
const USER: &str = "user";
const APPLICATION: &str = "application";
/// What can prove who an application or blueprint is, one row each.
const CREDENTIALS: &str = "AgentCredentials";

/// One table: which objects it shows, and how.
struct View {
    kinds: &'static [&'static str],
    /// What of an object's own members has another name here.
    columns: fn(&JsonMap, &Row) -> JsonMap,
}

fn view(table: &str) -> Option<View> {
    Some(match table {
        "EntraAgentIdentities" => View { kinds: &[AGENT], columns: nothing_more },
        "EntraAgentIdentityBlueprints" => View { kinds: &[BLUEPRINT], columns: nothing_more },
        "EntraAgentIdentityBlueprintPrincipals" => View { kinds: &[PRINCIPAL], columns: nothing_more },
        "EntraAgentUsers" => View { kinds: &[AGENT_USER], columns: agent_user },
        "AgentsInfo" => View { kinds: &[AGENT], columns: agent_info },
        CREDENTIALS => View { kinds: &[APPLICATION, BLUEPRINT], columns: nothing_more },
        "IdentityInfo" => View { kinds: &[USER, AGENT_USER], columns: identity },
        _ => return None,
    })
}

/// The rows of a table that shows the directory.
pub(crate) async fn rows(
    store: &TenantStore,
    table: &'static str,
    columns: &[Column],
    now: Timestamp,
) -> Result<Vec<Vec<Value>>, Failure> {
    let Some(view) = view(table) else { return Ok(Vec::new()) };
    let linked = columns.iter().any(|column| matches!(column.name.as_str(), "owners" | "Owners"));
    let mut rows = Vec::new();
    for liveness in [Liveness::Live, Liveness::Deleted] {
        let mut after = None;
        loop {
            let query = ListQuery { kinds: view.kinds.to_vec(), liveness, after, limit: BATCH, index: None };
            let page = store.list(query).await?;
            for row in &page.items {
                let mut shown = members(row, table, store, now)?;
                if linked && row.deleted.is_none() {
                    link(&mut shown, store, row).await?;
                }
                shown.extend((view.columns)(&shown, row));
                let each = if table == CREDENTIALS { credentials(&shown, row) } else { vec![shown] };
                for shown in each {
                    let cell = |column: &Column| {
                        shown.get(&column.name).map_or_else(|| absent(column.ty), |json| value_of(json, column.ty))
                    };
                    rows.push(columns.iter().map(cell).collect());
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(rows)
}

fn absent(kind: Type) -> Value {
    if kind == Type::String { Value::text("") } else { Value::Null }
}

/// An object's members, and what every row says.
fn members(row: &Row, table: &str, store: &TenantStore, now: Timestamp) -> Result<JsonMap, Failure> {
    let mut members: JsonMap = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
    let more = [
        ("id", json!(row.id)),
        ("createdDateTime", json!(row.created)),
        ("deletedDateTime", row.deleted.as_ref().map_or(Json::Null, |deletion| json!(deletion.at))),
        ("TimeGenerated", json!(now)),
        ("_TimeReceived", json!(now)),
        ("_ItemId", json!(row.id)),
        ("TenantId", json!(store.id())),
        ("SourceSystem", json!("Signet")),
        ("Type", json!(table)),
    ];
    members.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Ok(members)
}

async fn link(shown: &mut JsonMap, store: &TenantStore, row: &Row) -> Result<(), Failure> {
    for (relation, lower, upper) in [(OWNERS, "owners", "Owners"), (SPONSORS, "sponsors", "Sponsors")] {
        let links = store.links_from(row.id, relation).await?;
        let ids: Vec<Json> = links.links.iter().map(|link| json!(link.target)).collect();
        shown.insert(lower.to_owned(), json!(ids));
        shown.insert(upper.to_owned(), json!(ids));
    }
    Ok(())
}

fn nothing_more(_: &JsonMap, _: &Row) -> JsonMap {
    JsonMap::new()
}

fn taken(shown: &JsonMap, pairs: &[(&str, &str)]) -> JsonMap {
    pairs.iter().filter_map(|(to, from)| Some(((*to).to_owned(), shown.get(*from)?.clone()))).collect()
}

fn agent_user(shown: &JsonMap, _: &Row) -> JsonMap {
    taken(shown, &[("agentIdentitySPID", "identityParentId"), ("agentIdentityBlueprintId", "blueprintAppId")])
}

fn agent_info(shown: &JsonMap, row: &Row) -> JsonMap {
    let enabled = shown.get("accountEnabled").and_then(Json::as_bool).unwrap_or(true);
    let state = match (&row.deleted, enabled) {
        (Some(_), _) => "Deleted",
        (None, true) => "Active",
        (None, false) => "Blocked",
    };
    let pairs = [
        ("AgentId", "id"),
        ("EntraAgentID", "id"),
        ("EntraBlueprintID", "agentIdentityBlueprintId"),
        ("Name", "displayName"),
        ("Description", "description"),
        ("CreatedDateTime", "createdDateTime"),
        ("Timestamp", "TimeGenerated"),
    ];
    let mut info = taken(shown, &pairs);
    info.insert("LifecycleStatus".to_owned(), json!(state));
    info.insert("Platform".to_owned(), json!("Signet"));
    info.insert("InstanceCount".to_owned(), json!(1));
    // Not the whole object: attributes of one's own making are seen with a permission of their own.
    let raw = ["id", "appId", "displayName", "accountEnabled", "agentIdentityBlueprintId", "createdByAppId", "tags"];
    info.insert("RawAgentInfo".to_owned(), Json::Object(taken(shown, &raw.map(|name| (name, name)))));
    info
}

/// The secrets and keys of an application or blueprint, each with whose it is.
fn credentials(holder: &JsonMap, row: &Row) -> Vec<JsonMap> {
    let whose = [("HolderId", "id"), ("HolderAppId", "appId"), ("HolderDisplayName", "displayName")];
    let common = ["TimeGenerated", "TenantId", "SourceSystem", "Type"].map(|name| (name, name));
    let mut base = taken(holder, &whose);
    base.extend(taken(holder, &common));
    base.insert("HolderType".to_owned(), json!(row.kind));
    let kinds = [("clientSecret", "passwordCredentials"), ("certificate", "keyCredentials")];
    let each = |(kind, member): (&'static str, &str)| {
        let found = holder.get(member).and_then(Json::as_array).cloned().unwrap_or_default();
        let base = base.clone();
        found.into_iter().filter_map(move |one| {
            let names = [
                ("KeyId", "keyId"),
                ("DisplayName", "displayName"),
                ("StartDateTime", "startDateTime"),
                ("EndDateTime", "endDateTime"),
            ];
            let mut credential = base.clone();
            credential.extend(taken(one.as_object()?, &names));
            credential.insert("CredentialType".to_owned(), json!(kind));
            Some(credential)
        })
    };
    if row.deleted.is_some() { Vec::new() } else { kinds.into_iter().flat_map(each).collect() }
}

fn identity(shown: &JsonMap, row: &Row) -> JsonMap {
    let pairs = [
        ("AccountObjectId", "id"),
        ("AccountUPN", "userPrincipalName"),
        ("AccountDisplayName", "displayName"),
        ("AccountTenantId", "TenantId"),
        ("AccountCreationTime", "createdDateTime"),
        ("DeletedDateTime", "deletedDateTime"),
        ("IsAccountEnabled", "accountEnabled"),
        ("GivenName", "givenName"),
        ("Surname", "surname"),
        ("JobTitle", "jobTitle"),
        ("Department", "department"),
        ("CompanyName", "companyName"),
        ("EmployeeId", "employeeId"),
        ("MailAddress", "mail"),
        ("Country", "country"),
        ("City", "city"),
        ("State", "state"),
        ("StreetAddress", "streetAddress"),
        ("UserType", "userType"),
        ("Tags", "tags"),
    ];
    let mut info = taken(shown, &pairs);
    let upn = shown.get("userPrincipalName").and_then(Json::as_str).unwrap_or_default();
    if let Some((name, domain)) = upn.split_once('@') {
        info.insert("AccountName".to_owned(), json!(name));
        info.insert("AccountDomain".to_owned(), json!(domain));
    }
    info.insert("IsServiceAccount".to_owned(), json!(row.kind == AGENT_USER));
    info
}
