//! `/auditLogs`: shapes, filters, pages.

use crate::house::{House, caller, commit, moment, object, origin, tenant, uuid};
use crate::sign_in::full;
use serde_json::json;
use signet_graph::{Call, Entity, Page, PageRequest};
use signet_kernel::{AppId, Failure, Fault};
use signet_logs::audit::{AgentType, Target, activities, success};
use signet_logs::{SignIn, SignInClient, SignInOutcome, directory_audits, refusals_counted, sign_ins};
use signet_record::{FloodCount, Record};
use signet_store::Store;

fn call(store: &Store) -> Call {
    Call {
        caller: caller("servicePrincipal", "Auditor"),
        store: store.tenant(tenant()),
        base_url: "https://signet.test/v1.0".to_owned(),
        if_match: None,
    }
}

fn request(filter: Option<&str>, top: usize) -> PageRequest {
    PageRequest { filter: filter.map(str::to_owned), top, after: None }
}

async fn read(list: &dyn Entity, call: &Call, filter: &str) -> Result<Page, Failure> {
    list.page(call, &request(Some(filter), 100)).await.unwrap()
}

/// Ten sign-ins, a second apart, of two agents in turn; every fifth is refused.
async fn ten_sign_ins(house: &House, record: &Record) {
    let origin = origin();
    for number in 0..10_u128 {
        let whole = full(&origin, &[]);
        let agent = object(0xa0 + number % 2);
        let token = format!("uti-{number}");
        let sign_in = SignIn {
            id: uuid(number),
            at: moment(i64::try_from(number).unwrap()),
            app_id: Some(AppId::from_uuid(agent.uuid())),
            client: whole.client.map(|client| SignInClient { service_principal: agent, ..client }),
            outcome: match number % 5 {
                4 => SignInOutcome::Refused { code: 7_000_215, reason: "AADSTS7000215: wrong secret." },
                _ => SignInOutcome::Granted { token: &token },
            },
            ..whole
        };
        record.append(sign_in.to_entry(&house.context), None).await.unwrap();
    }
}

fn numbers(page: &Page) -> Vec<u128> {
    page.items.iter().map(|item| item["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().as_u128()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_supported_is_refused_with_what_is() {
    let house = House::new();
    let (store, list) = (house.store().await, sign_ins(house.record()));
    let call = call(&store);
    for filter in [
        "userDisplayName eq 'x'",
        "not (userDisplayName eq 'a')",
        "signInEventTypes eq 'servicePrincipal'",
        "status eq 0",
        "status/failureReason eq 'x'",
        "createdDateTime ge 'yesterday'",
        "appId eq",
    ] {
        let failure = read(&list, &call, filter).await.unwrap_err();
        assert_eq!((failure.fault, failure.target.as_deref()), (Fault::Input, Some("$filter")), "{filter}");
        let said = &failure.message;
        assert!(said.contains("uniqueTokenIdentifier") && said.contains("signInEventTypes/any(x: x)"), "{said}");
    }
    let after = PageRequest { after: Some("x".to_owned()), ..request(None, 1) };
    assert_eq!(list.page(&call, &after).await.unwrap().unwrap_err().fault, Fault::Input);
    assert_eq!(list.item(&call, "none").await.unwrap().unwrap_err().fault, Fault::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_are_filtered_by_time_agent_result_and_token() {
    let house = House::new();
    let record = house.record();
    ten_sign_ins(&house, &record).await;
    let (store, list) = (house.store().await, sign_ins(record));
    let call = call(&store);
    let every = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
    let cases: [(&str, &[u128]); 24] = [
        // As the documentation of agents' sign-ins writes them.
        ("signInEventTypes/any(t:t eq 'servicePrincipal') and agent/agentType eq 'agenticAppInstance'", &every),
        (
            "createdDateTime ge 2026-11-21T10:00:08Z and agent/agentType eq 'agenticAppInstance' and \
             agent/agentSubjectType ne 'agentIDuser'",
            &[9, 8],
        ),
        ("signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')", &[]),
        ("signInEventTypes/any(t: t ne 'interactiveUser') and status/errorCode ne 0", &[9, 4]),
        ("startswith(userAgent,'msal') and ipAddress eq '192.0.2.17' and status/errorCode ne 0", &[9, 4]),
        ("not (sponsors/any(s: s eq '00000000-0000-0000-0000-000000000051')) and status/errorCode ne 0", &[9, 4]),
        ("createdDateTime ge 2026-11-21T10:00:08Z", &[9, 8]),
        ("createdDateTime gt 2026-11-21T10:00:08Z", &[9]),
        ("createdDateTime lt 2026-11-21T10:00:02Z", &[1, 0]),
        ("createdDateTime le 2026-11-21T11:00:02+01:00", &[2, 1, 0]),
        ("createdDateTime ge 2026-11-21T10:00:02Z and createdDateTime lt 2026-11-21T10:00:04Z", &[3, 2]),
        (
            "servicePrincipalId eq '00000000-0000-0000-0000-0000000000A0' and createdDateTime gt 2026-11-21T10:00:05Z",
            &[8, 6],
        ),
        ("appId eq '00000000-0000-0000-0000-0000000000a1' and createdDateTime gt 2026-11-21T10:00:05Z", &[9, 7]),
        ("status/errorCode ne 0", &[9, 4]),
        ("status/errorCode eq 7000215", &[9, 4]),
        ("status/errorCode eq 0 and createdDateTime gt 2026-11-21T10:00:07Z", &[8]),
        ("uniqueTokenIdentifier eq 'uti-3'", &[3]),
        ("uniqueTokenIdentifier in ('uti-3','UTI-5')", &[5, 3]),
        ("uniqueTokenIdentifier eq 'uti-3' or status/errorCode gt 0", &[9, 4, 3]),
        ("not (createdDateTime ge 2026-11-21T10:00:02Z)", &[1, 0]),
        ("createdDateTime in (2026-11-21T10:00:02Z,2026-11-21T10:00:04Z)", &[4, 2]),
        ("createdDateTime ge null", &[]),
        ("correlationId eq '00000000-0000-0000-0000-000000000072'", &[]),
        ("agent/agentType eq 'agenticAppInstance' and id eq '00000000-0000-0000-0000-000000000006'", &[6]),
    ];
    for (filter, expected) in cases {
        assert_eq!(numbers(&read(&list, &call, filter).await.unwrap()), expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_back_in_time_without_gaps_whether_filtered_or_not() {
    let house = House::new();
    let record = house.record();
    ten_sign_ins(&house, &record).await;
    let (store, list) = (house.store().await, sign_ins(record));
    let call = call(&store);
    let cases = [
        (None, vec![9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (Some("appId eq '00000000-0000-0000-0000-0000000000a0'"), vec![8, 6, 4, 2, 0]),
        (Some("status/errorCode ne 0"), vec![9, 4]),
    ];
    for (filter, expected) in cases {
        for top in [1, 2, 3, 10, 11] {
            let (mut seen, mut asked) = (Vec::new(), request(filter, top));
            loop {
                let page = list.page(&call, &asked).await.unwrap().unwrap();
                assert!(page.items.len() <= top);
                seen.extend(numbers(&page));
                asked.after = page.next;
                if asked.after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "{filter:?} {top}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behaviour_40_a_sign_in_as_the_directory_shows_it() {
    let house = House::new();
    let record = house.record();
    record.append(full(&origin(), &[object(0x51)]).to_entry(&house.context), None).await.unwrap();
    let (store, list) = (house.store().await, sign_ins(record));
    let item = list.item(&call(&store), &uuid(0x70).to_string()).await.unwrap().unwrap();
    assert_eq!(undeclared(&list, &item), [""; 0]);
    insta::assert_json_snapshot!(item, @r#"
    {
      "id": "00000000-0000-0000-0000-000000000070",
      "createdDateTime": "2026-11-21T10:00:01Z",
      "appId": "00000000-0000-0000-0000-0000000000a1",
      "appDisplayName": "Agent \"One\"",
      "servicePrincipalId": "00000000-0000-0000-0000-0000000000a1",
      "servicePrincipalName": "Agent \"One\"",
      "resourceId": "00000003-0000-0000-c000-000000000000",
      "resourceDisplayName": "Microsoft Graph",
      "resourceServicePrincipalId": "00000000-0000-0000-0000-0000000000e0",
      "resourceTenantId": "00000000-0000-0000-0000-0000000000aa",
      "homeTenantId": "00000000-0000-0000-0000-0000000000aa",
      "userId": "",
      "ipAddress": "192.0.2.17",
      "userAgent": "msal-python/1.34",
      "correlationId": "00000000-0000-0000-0000-000000000071",
      "conditionalAccessStatus": "notApplied",
      "appliedConditionalAccessPolicies": [],
      "status": {
        "errorCode": 0,
        "failureReason": null,
        "additionalDetails": null
      },
      "isInteractive": false,
      "signInEventTypes": [
        "servicePrincipal"
      ],
      "servicePrincipalCredentialKeyId": "00000000-0000-0000-0000-0000000000cc",
      "servicePrincipalCredentialThumbprint": "AB",
      "clientCredentialType": "clientAssertion",
      "federatedCredentialId": null,
      "uniqueTokenIdentifier": "uti-1",
      "processingTimeInMilliseconds": 2,
      "requestCount": 1,
      "agent": {
        "agentType": "agenticAppInstance",
        "parentAppId": "00000000-0000-0000-0000-0000000000b1",
        "agentSubjectType": "notAgentic",
        "agentSubjectParentId": null
      },
      "agentId": "00000000-0000-0000-0000-0000000000a2",
      "blueprintId": "00000000-0000-0000-0000-0000000000b0",
      "sponsors": [
        "00000000-0000-0000-0000-000000000051"
      ]
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_that_came_too_fast_are_listed_as_a_count_by_source_and_reason() {
    let house = House::new();
    let record = house.record();
    let source = Some("192.0.2.9".parse().unwrap());
    let (first, last) = (moment(1), moment(9));
    let counted = FloodCount { tenant: tenant(), source, reason: "7000216", count: 5_000, first, last };
    record.append(refusals_counted(&house.context, &counted), None).await.unwrap();
    let (store, list) = (house.store().await, sign_ins(record));
    let page = read(&list, &call(&store), "status/errorCode eq 7000216").await.unwrap();
    let item = &page.items[0];
    assert_eq!((&item["requestCount"], &item["ipAddress"]), (&json!(5_000), &json!("192.0.2.9")));
    assert_eq!((&item["createdDateTime"], &item["servicePrincipalId"]), (&json!(last), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn audits_are_filtered_by_what_was_done_to_whom_and_by_agent() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    let list = directory_audits(record, copier);
    let call = call(&store);
    let agent = || Target::new("agentIdentity", object(0xa1), "Agent-One").in_chain(Some(object(0xb0)), []);
    let person = || Target::new("user", object(0xd0), "Xavier Young").with_user_principal_name("xavier@a.test");
    let by = |kind| caller(kind, "One");
    let (add, update) = (&activities::ADD_SERVICE_PRINCIPAL, &activities::UPDATE_USER);
    let blueprint = by("agentIdentityBlueprintPrincipal");
    commit(&store, [success(&blueprint, moment(1), uuid(1), add, vec![agent()], &[("AppId", "x")])]).await;
    commit(&store, [success(&by("user"), moment(2), uuid(2), update, vec![person()], &[])]).await;
    commit(&store, [success(&by("agentUser"), moment(3), uuid(3), update, vec![person(), agent()], &[])]).await;
    let cases: [(&str, &[u128]); 12] = [
        ("targetResources/any(t: t/id eq '00000000-0000-0000-0000-0000000000a1')", &[3, 1]),
        ("targetResources/any(t: t/displayName eq 'Agent-One' and t/type eq 'ServicePrincipal')", &[3, 1]),
        ("targetResources/any(t: t/userPrincipalName eq 'xavier@a.test')", &[3, 2]),
        ("targetResources/any(t: t/agentType eq 'agenticAppInstance')", &[3, 1]),
        ("targetResources/all(t: t/agentType eq 'agenticAppInstance')", &[1]),
        ("targetResources/any(t: t/blueprintId eq '00000000-0000-0000-0000-0000000000b0')", &[3, 1]),
        ("initiatedBy/user/agentType eq 'agentIDuser'", &[3]),
        ("initiatedBy/user/displayName eq 'One'", &[3, 2]),
        ("performedBy/agentType eq 'agentIdentityBlueprintPrincipal'", &[1]),
        ("initiatedBy/app/displayName eq 'One' and operationType eq 'Add'", &[1]),
        ("additionalDetails/any(d: d/key eq 'AppId' and d/value eq 'x')", &[1]),
        ("startswith(activityDisplayName,'Update') and category eq 'UserManagement'", &[3, 2]),
    ];
    for (filter, expected) in cases {
        let found = read(&list, &call, filter).await.unwrap();
        let ids = found.items.iter().map(|item| item["id"].as_str().unwrap().trim_start_matches("Directory_"));
        let numbers: Vec<u128> = ids.map(|id| id.parse::<uuid::Uuid>().unwrap().as_u128()).collect();
        assert_eq!(numbers, expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behaviour_40_an_audit_as_the_directory_shows_it_right_after_its_commit() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    let list = directory_audits(record, copier);
    let target = Target::new("agentIdentity", object(0xa1), "Agent-One").in_chain(Some(object(0xb0)), [object(0x51)]);
    let caller = caller("agentIdentityBlueprintPrincipal", "Blueprint-One");
    let activity = &activities::ADD_SERVICE_PRINCIPAL;
    commit(&store, [success(&caller, moment(1), uuid(1), activity, vec![target], &[])]).await;
    let page = list.page(&call(&store), &request(None, 10)).await.unwrap().unwrap();
    assert_eq!(undeclared(&list, &page.items[0]), [""; 0]);
    insta::assert_json_snapshot!(page.items, @r#"
    [
      {
        "id": "Directory_00000000-0000-0000-0000-000000000001",
        "activityDateTime": "2026-11-21T10:00:01Z",
        "activityDisplayName": "Add service principal",
        "category": "ApplicationManagement",
        "correlationId": "00000000-0000-0000-0000-000000000071",
        "operationType": "Add",
        "result": "success",
        "resultReason": "",
        "loggedByService": "Core Directory",
        "initiatedBy": {
          "app": {
            "appId": "00000000-0000-0000-0000-0000000000c1",
            "displayName": "Blueprint-One",
            "servicePrincipalId": "00000000-0000-0000-0000-0000000000c0",
            "servicePrincipalName": null,
            "ipAddress": "192.0.2.17",
            "agentType": "agentIdentityBlueprintPrincipal",
            "blueprintId": "00000000-0000-0000-0000-0000000000b0"
          },
          "user": null
        },
        "performedBy": {
          "appId": "00000000-0000-0000-0000-0000000000c1",
          "agentType": "agentIdentityBlueprintPrincipal",
          "blueprintId": "00000000-0000-0000-0000-0000000000b0"
        },
        "targetResources": [
          {
            "id": "00000000-0000-0000-0000-0000000000a1",
            "displayName": "Agent-One",
            "type": "ServicePrincipal",
            "userPrincipalName": null,
            "groupType": null,
            "modifiedProperties": [],
            "administrativeUnits": [],
            "agentType": "agenticAppInstance",
            "blueprintId": "00000000-0000-0000-0000-0000000000b0",
            "sponsors": [
              "00000000-0000-0000-0000-000000000051"
            ]
          }
        ],
        "additionalDetails": [
          {
            "key": "User-Agent",
            "value": "msal-python/1.34"
          }
        ]
      }
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn audits_are_filtered_by_time_actor_result_and_name() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    let list = directory_audits(record, copier);
    let (person, app) = (caller("user", "Zoe"), caller("servicePrincipal", "Admin"));
    let add = success(&person, moment(1), uuid(1), &activities::ADD_APPLICATION, vec![], &[]);
    let delete = success(&app, moment(2), uuid(2), &activities::DELETE_APPLICATION, vec![], &[]);
    commit(&store, [add, delete]).await;
    let call = call(&store);
    for (filter, expected) in [
        ("activityDateTime ge 2026-11-21T10:00:02Z", &["Delete application"][..]),
        ("initiatedBy/app/servicePrincipalId eq '00000000-0000-0000-0000-0000000000c0'", &["Delete application"]),
        ("initiatedBy/user/id eq '00000000-0000-0000-0000-0000000000c0'", &["Add application"]),
        ("result eq 'success' and activityDisplayName eq 'Add application'", &["Add application"]),
        ("result eq 'failure'", &[]),
        ("startswith(activityDisplayName, 'Delete')", &["Delete application"]),
        ("correlationId eq '00000000-0000-0000-0000-000000000071'", &["Delete application", "Add application"]),
    ] {
        let page = read(&list, &call, filter).await.unwrap();
        let names: Vec<&str> = page.items.iter().map(|item| item["activityDisplayName"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_11_nothing_of_another_tenant_is_listed_or_found() {
    let house = House::new();
    let record = house.record();
    ten_sign_ins(&house, &record).await;
    let (store, list) = (house.store().await, sign_ins(record));
    let other = signet_kernel::TenantId::from_uuid(uuid(0xbb));
    let call = Call { store: store.tenant(other), ..call(&store) };
    assert_eq!(list.page(&call, &request(None, 10)).await.unwrap().unwrap(), Page::default());
    assert_eq!(list.item(&call, &uuid(3).to_string()).await.unwrap().unwrap_err().fault, Fault::NotFound);
}

/// A sign-in with an id of its own time.
async fn sign_in_at(house: &House, record: &Record, second: i64) -> String {
    let millis = u64::try_from(moment(second).micros() / 1_000).unwrap();
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &[7; 10]).into_uuid();
    let origin = origin();
    let sign_in = SignIn { id, at: moment(second), ..full(&origin, &[]) };
    record.append(sign_in.to_entry(&house.context), None).await.unwrap();
    id.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_found_by_the_time_that_its_id_holds() {
    let house = House::new();
    let record = house.record();
    ten_sign_ins(&house, &record).await;
    let mut ids = Vec::new();
    for second in [-4_000, 0, 2, 4_000] {
        ids.push(sign_in_at(&house, &record, second).await);
    }
    let (store, list) = (house.store().await, sign_ins(record));
    let call = call(&store);
    for id in ids {
        let item = list.item(&call, &id).await.unwrap().unwrap();
        assert_eq!(item["id"], id);
        let page = read(&list, &call, &format!("id eq '{id}'")).await.unwrap();
        assert_eq!(page.items, [item]);
    }
    let without_time = uuid(3).to_string();
    assert_eq!(list.item(&call, &without_time).await.unwrap().unwrap()["id"], without_time);
    let nobody = "019ab2cc-0000-7000-8000-000000000001";
    assert_eq!(list.item(&call, nobody).await.unwrap().unwrap_err().fault, Fault::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_17_every_sign_in_says_what_kind_of_agent_asked() {
    let house = House::new();
    let record = house.record();
    let origin = origin();
    let sponsors = [object(0x51)];
    let whole = full(&origin, &sponsors);
    let client = |agent| whole.client.map(|client| SignInClient { agent, ..client });
    let cases = [
        (1, client(AgentType::AgenticAppInstance), "agenticAppInstance"),
        (2, client(AgentType::AgentIdentityBlueprintPrincipal), "agentIdentityBlueprintPrincipal"),
        (3, client(AgentType::NotAgentic).map(|client| SignInClient { blueprint: None, ..client }), "notAgentic"),
        (4, None, "notAgentic"),
    ];
    for (number, client, _) in cases {
        let sign_in = SignIn { id: uuid(number), at: moment(1), client, ..whole };
        record.append(sign_in.to_entry(&house.context), None).await.unwrap();
    }
    let counted =
        FloodCount { tenant: tenant(), source: None, reason: "7000216", count: 9, first: moment(1), last: moment(9) };
    record.append(refusals_counted(&house.context, &counted), None).await.unwrap();
    let (store, list) = (house.store().await, sign_ins(record));
    let call = call(&store);
    for (number, client, kind) in cases {
        let item = list.item(&call, &uuid(number).to_string()).await.unwrap().unwrap();
        assert_eq!(
            (&item["agent"]["agentType"], &item["agent"]["agentSubjectType"]),
            (&json!(kind), &json!("notAgentic"))
        );
        let blueprint = client.and_then(|client| client.blueprint).map(|blueprint| blueprint.id.to_string());
        assert_eq!(item["blueprintId"], json!(blueprint), "{kind}");
    }
    let marked = list.page(&call, &request(None, 100)).await.unwrap().unwrap().items;
    assert_eq!(marked.len(), 5);
    assert!(marked.iter().all(|item| item["agent"]["agentType"].is_string()));
    let of_agents = read(&list, &call, "agent/agentType eq 'agenticAppInstance'").await.unwrap();
    assert_eq!(numbers(&of_agents), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_17_every_audit_says_what_kind_of_agent_acted_and_was_acted_on() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    let kinds = [
        ("servicePrincipal", "app", "notAgentic"),
        ("agentIdentity", "app", "agenticAppInstance"),
        ("agentIdentityBlueprintPrincipal", "app", "agentIdentityBlueprintPrincipal"),
        ("user", "user", "notAgentic"),
        ("agentUser", "user", "agentIDuser"),
    ];
    for (number, (kind, ..)) in (1..).zip(kinds) {
        let targets = kinds.map(|(kind, ..)| Target::new(kind, object(0xd0), kind)).to_vec();
        let entry = success(
            &caller(kind, kind),
            moment(number),
            uuid(0x100 + u128::try_from(number).unwrap()),
            &activities::UPDATE_USER,
            targets,
            &[],
        );
        commit(&store, [entry]).await;
    }
    let list = directory_audits(record, copier);
    let call = call(&store);
    let items = list.page(&call, &request(None, 100)).await.unwrap().unwrap().items;
    assert_eq!(items.len(), kinds.len());
    for (item, (kind, side, agent)) in items.iter().rev().zip(kinds) {
        assert_eq!(item["initiatedBy"][side]["agentType"], agent, "{kind}");
        let chained = kind.starts_with("agentIdentity");
        assert_eq!(item["initiatedBy"][side]["blueprintId"].is_string(), chained, "{kind}");
        assert!(item["performedBy"]["agentType"].is_string());
        let targets = item["targetResources"].as_array().unwrap();
        let marked: Vec<_> = targets.iter().filter_map(|target| target["agentType"].as_str()).collect();
        assert_eq!(marked, kinds.map(|(_, _, agent)| agent));
    }
    let by_agents = read(&list, &call, "initiatedBy/app/agentType eq 'agenticAppInstance'").await.unwrap();
    assert_eq!(by_agents.items.len(), 1);
}

/// Members of a view that its type does not declare.
fn undeclared<'i>(list: &dyn Entity, item: &'i signet_graph::JsonMap) -> Vec<&'i str> {
    let declared: Vec<&str> =
        list.declaration().properties.iter().map(|property| property.name).chain(["id"]).collect();
    item.keys().map(String::as_str).filter(|name| !declared.contains(name)).collect()
}
