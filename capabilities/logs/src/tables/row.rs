//! A record becomes a row: a value of each column's type.

use super::{Held, Made, Table, envelope};
use crate::put_in_place;
use serde_json::Value as Json;
use signet_graph::JsonMap;
use signet_kernel::{TenantId, Timestamp};
use signet_kql::{Column, Type, Value};

/// Hundreds of nanoseconds between the years 1 and 1970.
const EPOCH: i64 = 621_355_968_000_000_000;

/// What is known of a record besides what it holds.
#[derive(Debug, Clone, Copy)]
pub struct Received {
    /// Whose it is.
    pub tenant: TenantId,
    /// When it was durable.
    pub at: Timestamp,
}

impl Table {
    /// The columns of a stored record as this table shows them; personal values are put in their places.
    pub fn view(&self, mut record: JsonMap) -> JsonMap {
        put_in_place(&mut record);
        let made = self.made(&record);
        record.extend(made.into_iter().map(|(name, value)| (name.to_owned(), value)));
        record
    }

    /// A record as a row of this table.
    pub fn row(&self, mut record: JsonMap, received: Received) -> Vec<Value> {
        put_in_place(&mut record);
        self.row_of(&record, received)
    }

    /// A record as a row of this table; personal values are in their places already ([`put_in_place`]).
    pub fn row_of(&self, record: &JsonMap, received: Received) -> Vec<Value> {
        let made = self.made(record);
        self.columns.iter().map(|column| self.cell(record, &made, column, received)).collect()
    }

    fn made(&self, record: &JsonMap) -> Made {
        match self.held {
            Held::Record(_, view) => view(record),
            Held::Directory | Held::Nothing => Made::new(),
        }
    }

    fn cell(&self, record: &JsonMap, made: &Made, column: &Column, received: Received) -> Value {
        match column.name.as_str() {
            "TenantId" => return Value::text(received.tenant.to_string()),
            "Type" => return Value::text(self.name),
            "_TimeReceived" => return Value::DateTime(ticks(received.at)),
            "_ItemId" => {
                return record.get("Id").or(record.get("RequestId")).map_or(empty(), |id| value_of(id, Type::String));
            }
            "_ResourceId" | "ResourceId" if !record.contains_key(&column.name) => {
                return Value::text(format!("/tenants/{}/providers/Microsoft.aadiam", received.tenant));
            }
            _ => {}
        }
        let made = made.iter().find(|(name, _)| *name == column.name).map(|(_, value)| value);
        match made.or_else(|| record.get(&column.name)) {
            Some(found) if !found.is_null() => value_of(found, column.ty),
            _ => match envelope::value(self.name, &column.name) {
                Some(text) => Value::text(text),
                None => nothing(column.ty),
            },
        }
    }
}

/// A text that is missing is empty; anything else is null.
fn nothing(kind: Type) -> Value {
    if kind == Type::String { empty() } else { Value::Null }
}

fn empty() -> Value {
    Value::text("")
}

/// JSON as a value of this type; null where it is none.
pub fn value_of(json: &Json, kind: Type) -> Value {
    match kind {
        Type::String => match json {
            Json::String(text) => Value::text(text.as_str()),
            Json::Null => empty(),
            other => Value::text(other.to_string()),
        },
        Type::DateTime => json.as_str().and_then(moment).map_or(Value::Null, |at| Value::DateTime(ticks(at))),
        Type::Int | Type::Long => json.as_i64().map_or(Value::Null, Value::Long),
        Type::Real => json.as_f64().map_or(Value::Null, Value::Real),
        Type::Bool => json.as_bool().map_or(Value::Null, Value::Bool),
        Type::Dynamic => dynamic(json),
        Type::Decimal | Type::TimeSpan | Type::Guid => Value::Null,
    }
}

fn dynamic(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => {
            number.as_i64().map(Value::Long).or_else(|| number.as_f64().map(Value::Real)).unwrap_or_default()
        }
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(dynamic).collect::<Vec<_>>().into()),
        Json::Object(members) => {
            let pairs = members.iter().map(|(name, value)| (name.as_str().into(), dynamic(value)));
            Value::Bag(pairs.collect::<Vec<_>>().into())
        }
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A moment as queries count it.
pub fn ticks(at: Timestamp) -> i64 {
    at.micros().saturating_mul(10).saturating_add(EPOCH)
}
