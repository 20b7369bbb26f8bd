//! Personal values that belong inside a column.

use serde_json::Value;
use signet_graph::JsonMap;

/// Puts personal values where they belong. A record keeps those that lie inside a column beside it, under the JSON
/// pointer (RFC 6901) of their place, so that each can be erased alone; erased ones stay null.
pub fn put_in_place(record: &mut JsonMap) {
    let pointers: Vec<String> = record.keys().filter(|name| name.starts_with('/')).cloned().collect();
    for pointer in pointers {
        let value = record.remove(&pointer);
        let mut parts = pointer.splitn(3, '/').skip(1);
        let (Some(column), Some(rest)) = (parts.next(), parts.next()) else { continue };
        let place = record.get_mut(column).and_then(|column| column.pointer_mut(&format!("/{rest}")));
        if let (Some(place), Some(value @ Value::String(_))) = (place, value) {
            *place = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_erased_value_or_one_without_a_place_stays_out() {
        let mut record = json!({
            "A": [{"b": null}, {"b": null}], "/A/0/b": "x", "/A/1/b": null, "/A/7/b": "y", "/C": "z", "D": 1,
        });
        let record = record.as_object_mut().unwrap();
        put_in_place(record);
        assert_eq!(Value::Object(record.clone()), json!({"A": [{"b": "x"}, {"b": null}], "D": 1}));
    }
}
