//! Queries from strangers: nothing panics, a refusal points into the text, and a query that is understood runs within
//! its limits.

#![no_main]

use std::{cell::Cell, collections::BTreeMap};

use libfuzzer_sys::fuzz_target;
use signet_kql::{
    Catalog, Column, Environment, KqlError, Limits, Patience, RunError, Script, SourceRows, Tables, Type, Value,
};

struct Store;

impl Tables for Store {
    fn rows(&self, _: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        let row = |n: i64| Ok(vec![Value::text("a-1 b"), Value::Long(n), Value::from_json(r#"{"x":[1,"a"]}"#), Value::DateTime(n)]);
        Ok(Box::new((-1..3).map(row)))
    }
}

struct Budget(Cell<u32>);

impl Patience for Budget {
    fn goes_on(&self) -> bool {
        self.0.set(self.0.get().saturating_sub(1));
        self.0.get() > 0
    }
}

fn points_into(text: &str, error: &KqlError) {
    assert!(text.get(error.span.start..error.span.end).is_some());
    assert!(!error.to_string().is_empty());
    let _ = error.position(text);
}

fuzz_target!(|text: &str| {
    let columns = [("s", Type::String), ("n", Type::Long), ("d", Type::Dynamic), ("t", Type::DateTime)];
    let columns = columns.map(|(name, ty)| Column::new(name, ty)).to_vec();
    let catalog = Catalog { tables: BTreeMap::from([("T".to_owned(), columns)]), ..Catalog::default() };
    let script = match Script::parse(text) {
        Ok(script) => script,
        Err(error) => return points_into(text, &error),
    };
    if let Err(error) = script.bind(&catalog) {
        return points_into(text, &error);
    }
    let limits = Limits { rows: 100, memory: 1_000_000 };
    let budget = Budget(Cell::new(50));
    let now = 638_000_000_000_000_000;
    let environment = Environment { tables: &Store, now, limits, patience: &budget };
    let Ok(plan) = script.bind_over(&catalog, environment) else { return };
    if let Ok(answer) = plan.run(environment) {
        for row in answer.take(200) {
            if let Ok(row) = row {
                assert_eq!(row.len(), plan.columns().len());
            } else {
                break;
            }
        }
    }
});
