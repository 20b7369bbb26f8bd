//! The order of objects, and what a page token carries of it.

use crate::shapes::Thing;
use serde_json::json;
use signet_kernel::Timestamp;
use signet_odata::{FilterError, OrderBy, Relation};

fn sorted(order: &str) -> String {
    let order = OrderBy::parse(order, &Thing).unwrap();
    let rows = [
        ("1", json!({"displayName": "b", "count": 2, "tags": ["x"]})),
        ("2", json!({"displayName": null, "count": 10})),
        ("3", json!({"displayName": "A", "count": 2, "tags": []})),
        ("4", json!({"displayName": "B", "count": null, "tags": ["x", "y"]})),
    ];
    let mut keys: Vec<_> = rows.iter().map(|(id, row)| order.key(row, id, Timestamp::default()).unwrap()).collect();
    keys.sort();
    keys.iter().map(|key| key.id()).collect()
}

#[test]
fn what_is_no_order_is_refused() {
    for wrong in ["", "displayName up", "displayName,", "tags", "nothing", "secret", "displayName asc desc"] {
        assert!(OrderBy::parse(wrong, &Thing).is_err(), "{wrong}");
    }
    assert_eq!(OrderBy::parse(&["count"; 9].join(","), &Thing), Err(FilterError::TooLong));
    let order = OrderBy::parse("count,displayName", &Thing).unwrap();
    for parts in [vec![], vec!["1", "id"], vec!["1", "count", "id"], vec!["1", "(", "id"], vec!["1", "2", "3", "id"]] {
        assert!(order.key_of(&parts.iter().map(ToString::to_string).collect::<Vec<_>>()).is_none(), "{parts:?}");
    }
}

#[test]
fn null_comes_first_and_equals_are_in_the_order_of_ids() {
    assert_eq!(sorted("displayName"), "2314");
    assert_eq!(sorted("displayName desc"), "1432");
    assert_eq!(sorted("count desc, displayName ASC"), "2314");
    assert_eq!(sorted("tags/$count desc,length(displayName)"), "4123");
}

#[test]
fn says_what_it_reads() {
    let order = OrderBy::parse("owners/$count desc,count,count add other", &Thing).unwrap();
    assert_eq!(order.members(), ["owners", "count", "other"]);
    assert_eq!(order.relations(), [Relation { name: "owners".to_owned(), objects: false }]);
    assert_eq!(OrderBy::single_property("part/name desc"), Some(("part/name".to_owned(), true)));
    assert_eq!(OrderBy::single_property("count,other"), None);
}
