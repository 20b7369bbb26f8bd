//! Personal values leave records for good; the records stay, and prove the same.

use super::AdminCommand;
use super::transparency::whose;
use crate::node::Node;
use crate::operator::audit;
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault, TenantId};
use signet_logs::audit::{Target, activities};
use signet_record::Query;

/// As many records as one audit entry names.
const RECORDS: usize = 200;

/// What is to be erased.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ErasePersonal {
    /// Whose records; may be left out where there is one tenant.
    pub(crate) tenant: Option<TenantId>,
    /// Their table.
    pub(crate) table: String,
    /// Their ids.
    pub(crate) ids: Vec<String>,
    /// Which values: a column, or the JSON pointer of a place in one. All of them if none is named.
    pub(crate) fields: Vec<String>,
}

/// What was erased.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Erased {
    /// Records that were looked at.
    pub(crate) records: usize,
    /// Values that were there until now.
    pub(crate) values: usize,
}

impl AdminCommand for ErasePersonal {
    const PATH: &'static str = "/record/erase";
    type Answer = Erased;

    async fn run(self, node: &Node) -> Result<Erased, Failure> {
        if self.ids.is_empty() || self.ids.len() > RECORDS {
            return Err(bad(format!("Name at least one record, and at most {RECORDS}.")));
        }
        let tenant = whose(node, self.tenant).await?;
        let mut found = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            found.push((id, self.fields_of(node, tenant, id).await?));
        }
        // That it was done is durable before it is done: it can be done again, and not undone.
        let store = node.store.tenant(tenant);
        let targets = self.ids.iter().map(|id| Target::other(id, self.table.as_str())).collect();
        let mut unit = store.unit();
        unit.audit(audit(&node.context, tenant, &activities::ERASE_PERSONAL_VALUES, targets));
        store.commit(unit).await?;
        let mut erased = Erased { records: found.len(), values: 0 };
        for (id, fields) in found {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            erased.values += node.record.erase(tenant, &self.table, id, &fields).await?;
        }
        Ok(erased)
    }
}

impl ErasePersonal {
    /// What to look for in a record. Of all that it holds the personal values are taken, and nothing else can be.
    async fn fields_of(&self, node: &Node, tenant: TenantId, id: &str) -> Result<Vec<String>, Failure> {
        node.record.caught_up().await;
        let query = Query { id: Some(id.to_owned()), limit: 1, ..Query::new(tenant, self.table.as_str()) };
        let page = node.record.query(query).await?;
        let columns = page.records.first().and_then(serde_json::Value::as_object);
        let columns = columns.ok_or_else(|| bad(format!("There is no record '{id}' in the table {}.", self.table)))?;
        match self.fields.iter().find(|field| !columns.contains_key(*field)) {
            Some(field) => Err(bad(format!("The record '{id}' has no value at {field}."))),
            None if self.fields.is_empty() => Ok(columns.keys().cloned().collect()),
            None => Ok(self.fields.clone()),
        }
    }
}

fn bad(message: String) -> Failure {
    Failure::new(Fault::Input, "BadRequest", message)
}
