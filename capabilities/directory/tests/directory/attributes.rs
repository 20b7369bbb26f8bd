use crate::house::{Agent, House, blame, map};
use serde_json::{Value, json};
use signet_directory::attributes::{AllowedValue, complete, with_attributes};
use signet_directory::body::patched;
use signet_directory::http::{AttributeDefinitions, AttributeSets, Users};
use signet_directory::ops;
use signet_graph::{Call, Entity, JsonMap};
use signet_kernel::{Failure, Fault, ObjectId};

const GIVE: &str = "CustomSecAttributeAssignment.ReadWrite.All";
const SEE: &str = "CustomSecAttributeAssignment.Read.All";

async fn set(house: &House, most: Value) -> ObjectId {
    let body = map(json!({"id": "Engineering", "maxAttributesPerSet": most}));
    ops::create_attribute_set(&house.call(), body).await.unwrap()
}

async fn define(house: &House, more: Value) -> Result<ObjectId, Failure> {
    let mut body = map(json!({
        "attributeSet": "Engineering",
        "name": "Project",
        "type": "String",
        "status": "Available",
    }));
    body.extend(map(more));
    ops::define_attribute(&house.call(), body).await
}

fn giving(values: Value) -> JsonMap {
    map(json!({"customSecurityAttributes": {"Engineering": values}}))
}

async fn shown(house: &House, call: &Call, id: ObjectId) -> Value {
    let row = house.tenant.store.read_row(id).await.unwrap().unwrap();
    let mut view = JsonMap::new();
    complete(call, &row, &mut view).await.unwrap();
    view.shift_remove("customSecurityAttributes").unwrap_or(Value::Null)
}

#[tokio::test]
async fn a_definition_that_breaks_a_rule_is_refused() {
    let house = House::open().await;
    for name in ["", "1a", "a b", "a-b", &"a".repeat(33)] {
        let refused = ops::create_attribute_set(&house.call(), map(json!({"id": name}))).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("id")), "{name}");
    }
    assert_eq!(blame(&define(&house, json!({})).await.unwrap_err()).2, Some("attributeSet"), "no such set yet");
    set(&house, json!(1)).await;
    let again = ops::create_attribute_set(&house.call(), map(json!({"id": "engineering"}))).await.unwrap_err();
    assert_eq!(again.fault, Fault::Conflict);
    let value = |id: &str| json!({"id": id, "isActive": true});
    for (more, target) in [
        (json!({"name": "a b"}), "name"),
        (json!({"type": "Float"}), "type"),
        (json!({"type": "Boolean", "isCollection": true}), "type"),
        (json!({"status": "Gone"}), "status"),
        (json!({"allowedValues": [value("a"), value("a")]}), "allowedValues"),
        (json!({"allowedValues": [value("")]}), "allowedValues"),
        (json!({"type": "Integer", "allowedValues": [value("x")]}), "allowedValues"),
    ] {
        assert_eq!(blame(&define(&house, more).await.unwrap_err()).2, Some(target));
    }
    let id = define(&house, json!({"allowedValues": [value("a")]})).await.unwrap();
    assert_eq!(define(&house, json!({"name": "Other"})).await.unwrap_err().fault, Fault::Conflict, "the set is full");
    for (patch, target) in [
        (json!({"type": "Integer"}), "type"),
        (json!({"isCollection": true}), "isCollection"),
        (json!({"allowedValues": []}), "allowedValues"),
    ] {
        let refused = ops::update_attribute(&house.call(), id, map(patch)).await.unwrap_err();
        assert_eq!(blame(&refused).2, Some(target));
    }
}

#[tokio::test]
async fn behaviour_14_attributes_are_seen_and_given_with_their_own_permission_alone() {
    let house = House::open().await;
    set(&house, Value::Null).await;
    define(&house, json!({})).await.unwrap();
    let ann = house.user("ann").await;
    let body = giving(json!({"Project": "Baker"}));
    let refused = Users.update(&house.tenant.call(&["User.ReadWrite.All", SEE]), ann, body.clone()).await.unwrap_err();
    assert_eq!(blame(&refused), (Fault::Rights, "Authorization_RequestDenied", Some("customSecurityAttributes")));
    Users.update(&house.tenant.call(&[GIVE]), ann, body).await.unwrap();
    for blind in [house.tenant.call(&["User.ReadWrite.All"]), house.tenant.call(&["Directory.Read.All"])] {
        assert_eq!(shown(&house, &blind, ann).await, Value::Null);
    }
    let seen = shown(&house, &house.tenant.call(&[SEE]), ann).await;
    assert_eq!(seen["Engineering"]["Project"], "Baker");
    assert_eq!(seen["Engineering"]["@odata.type"], "#Microsoft.DirectoryServices.CustomSecurityAttributeValue");
    let row = house.tenant.store.read_row(ann).await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&row.body).contains("Baker"), "not in the body, where a filter would find it");
}

#[tokio::test]
async fn attributes_never_come_to_lie_in_a_body() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let agent = Agent { display_name: "Agent".to_owned(), blueprint: ann };
    let refused = patched(&agent, giving(json!({"Project": "Baker"}))).unwrap_err();
    assert_eq!(blame(&refused).2, Some("customSecurityAttributes"));
    let mut new = crate::house::user("bob");
    new.extend(giving(json!({"Project": "Baker"})));
    assert_eq!(Users.create(&house.tenant.call(&[GIVE]), new).await.unwrap_err().fault, Fault::Input);
    let mut both = giving(json!({"Project": "Baker"}));
    both.insert("displayName".to_owned(), json!("x"));
    assert_eq!(Users.update(&house.tenant.call(&[GIVE]), ann, both).await.unwrap_err().fault, Fault::Input);
}

#[tokio::test]
async fn a_value_is_of_its_type_active_and_of_an_attribute_that_is_not_deprecated() {
    let house = House::open().await;
    set(&house, Value::Null).await;
    let list = json!([{"id": "Baker", "isActive": true}, {"id": "Old", "isActive": false}]);
    define(&house, json!({"usePreDefinedValuesOnly": true, "isCollection": true, "allowedValues": list}))
        .await
        .unwrap();
    define(&house, json!({"name": "Level", "type": "Integer"})).await.unwrap();
    define(&house, json!({"name": "Cleared", "type": "Boolean"})).await.unwrap();
    let old = define(&house, json!({"name": "Gone"})).await.unwrap();
    ops::update_attribute(&house.call(), old, map(json!({"status": "Deprecated"}))).await.unwrap();
    let ann = house.user("ann").await;
    let call = house.tenant.call(&[GIVE]);
    for wrong in [
        json!({"Project": "Baker"}),
        json!({"Project": ["Old"]}),
        json!({"Project": ["Unheard"]}),
        json!({"Level": "5"}),
        json!({"Level": 3_000_000_000_u64}),
        json!({"Level": [5]}),
        json!({"Cleared": "true"}),
        json!({"Gone": "x"}),
        json!({"project": ["Baker"]}),
        json!({"Unheard": "x"}),
        json!("x"),
    ] {
        let refused = Users.update(&call, ann, giving(wrong.clone())).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("customSecurityAttributes")), "{wrong}");
    }
    Users.update(&call, ann, giving(json!({"Project": ["Baker"], "Level": 5, "Cleared": true}))).await.unwrap();
    Users.update(&call, ann, giving(json!({"Level": null}))).await.unwrap();
    let seen = shown(&house, &call, ann).await;
    assert_eq!(seen["Engineering"]["Project@odata.type"], "#Collection(String)");
    assert_eq!((&seen["Engineering"]["Cleared"], &seen["Engineering"]["Level"]), (&json!(true), &Value::Null));
    Users.update(&call, ann, giving(json!({"Project": [], "Cleared": null}))).await.unwrap();
    assert_eq!(shown(&house, &call, ann).await, json!({}));
}

#[tokio::test]
async fn a_value_is_allowed_and_later_not_and_the_trail_tells_what_was_given() {
    let house = House::open().await;
    set(&house, Value::Null).await;
    let id = define(&house, json!({"usePreDefinedValuesOnly": true})).await.unwrap();
    let ann = house.user("ann").await;
    let call = house.tenant.call(&[GIVE]);
    let value = |is_active| AllowedValue { id: "Baker".to_owned(), is_active };
    ops::allow_value(&house.call(), id, value(true)).await.unwrap();
    Users.update(&call, ann, giving(json!({"Project": "Baker"}))).await.unwrap();
    assert_eq!(house.tenant.audits().await.last().unwrap().activity(), "Update attribute values assigned to an object");
    ops::allow_value(&house.call(), id, value(false)).await.unwrap();
    assert!(Users.update(&call, ann, giving(json!({"Project": "Baker"}))).await.is_err());
    assert_eq!(shown(&house, &call, ann).await["Engineering"]["Project"], "Baker", "what was given stays");
}

#[tokio::test]
async fn attributes_of_an_agent_go_and_come_back_with_it() {
    let house = House::open().await;
    set(&house, Value::Null).await;
    define(&house, json!({})).await.unwrap();
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await.id;
    let call = house.tenant.call(&[GIVE]);
    with_attributes(&call, agent, giving(json!({"Project": "Baker"})), async |_| panic!("not called")).await.unwrap();
    ops::delete::<Agent>(&house.call(), agent).await.unwrap();
    assert_eq!(shown(&house, &call, agent).await, Value::Null);
    ops::restore::<Agent>(&house.call(), agent).await.unwrap();
    assert_eq!(shown(&house, &call, agent).await["Engineering"]["Project"], "Baker");
}

#[tokio::test]
async fn sets_and_definitions_go_by_their_names() {
    let house = House::open().await;
    let set = set(&house, Value::Null).await;
    let definition = define(&house, json!({})).await.unwrap();
    let row = house.tenant.store.read_row(set).await.unwrap().unwrap();
    assert_eq!(AttributeSets.view(&row).unwrap()["id"], "Engineering");
    let row = house.tenant.store.read_row(definition).await.unwrap().unwrap();
    let view = AttributeDefinitions.view(&row).unwrap();
    assert_eq!(view["id"], "Engineering_Project");
    assert!(!view.contains_key("set"));
}
