//! `dryRun`: the alerts that a rule would have raised over a period that has passed. Nothing is written.

use crate::ops::{READS_LOGS, load};
use crate::rule::AlertRule;
use crate::schedule;
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_directory::body::{bad_request, typed};
use signet_graph::{
    Action, ActionResult, Answer, Call, ComplexType, JsonMap, Parameter, Property, PropertyType, SetAction, Signature,
};
use signet_kernel::{Failure, ObjectId};
use signet_log_queries::LogQueries;

const MINUTES: &str = "lookBackInMinutes";
const RULE: &str = "rule";
/// An hour, unless somebody says so.
const USUAL: u32 = 60;
const LONGEST: u32 = 14 * 24 * 60;

const WOULD_BE: ComplexType = ComplexType {
    name: "alertThatWouldBe",
    properties: &[
        Property::new("title", PropertyType::String(256)),
        Property::new("description", PropertyType::String(1024)),
        Property::new("severity", PropertyType::String(16)),
        Property::new("subject", PropertyType::Guid),
        Property::new("hits", PropertyType::Int32),
    ],
};

fn signature(takes: &'static [Parameter]) -> Signature {
    const TYPES: &[ComplexType] = &[WOULD_BE];
    Signature::answering(Answer::Collection(PropertyType::Complexes(WOULD_BE.name))).taking(takes).with_types(TYPES)
}

/// Of a rule that is there.
pub(super) struct DryRun(pub(super) LogQueries);

#[async_trait]
impl Action for DryRun {
    fn name(&self) -> &'static str {
        "dryRun"
    }

    fn callable_with(&self) -> &'static [&'static str] {
        &[READS_LOGS]
    }

    fn only_callable_with(&self) -> bool {
        true
    }

    fn signature(&self) -> Option<Signature> {
        const TAKES: &[Parameter] = &[Parameter::optional(MINUTES, PropertyType::Int32)];
        Some(signature(TAKES))
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let minutes = minutes(&body)?;
        let rule = load(call, id).await?;
        run(&self.0, call, &rule.body, minutes).await
    }
}

/// Of a rule that is sent, and not kept.
pub(super) struct DryRunOfBody(pub(super) LogQueries);

#[async_trait]
impl SetAction for DryRunOfBody {
    fn name(&self) -> &'static str {
        "dryRun"
    }

    fn callable_with(&self) -> &'static [&'static str] {
        &[READS_LOGS]
    }

    fn signature(&self) -> Option<Signature> {
        const TAKES: &[Parameter] = &[
            Parameter::required(RULE, PropertyType::Complex("alertRule")),
            Parameter::optional(MINUTES, PropertyType::Int32),
        ];
        Some(signature(TAKES))
    }

    async fn call(&self, call: &Call, mut body: JsonMap) -> Result<ActionResult, Failure> {
        let minutes = minutes(&body)?;
        let Some(Value::Object(mut rule)) = body.shift_remove(RULE) else {
            return Err(bad_request(RULE, "'rule' is the rule to be tried."));
        };
        rule.retain(|_, value| !value.is_null());
        let rule: AlertRule = typed(rule)?;
        rule.check()?;
        run(&self.0, call, &rule, minutes).await
    }
}

fn minutes(body: &JsonMap) -> Result<u32, Failure> {
    let Some(value) = body.get(MINUTES).filter(|value| !value.is_null()) else { return Ok(USUAL) };
    let minutes = value.as_u64().and_then(|minutes| u32::try_from(minutes).ok());
    let minutes = minutes.filter(|minutes| (1..=LONGEST).contains(minutes));
    minutes.ok_or_else(|| bad_request(MINUTES, format!("'{MINUTES}' is from 1 to {LONGEST}.")))
}

async fn run(queries: &LogQueries, call: &Call, rule: &AlertRule, minutes: u32) -> Result<ActionResult, Failure> {
    let groups = schedule::ask(queries, &call.store, rule, minutes).await?;
    let would_be = |group: &crate::hits::Group| {
        json!({
            "title": rule.display_name,
            "description": group.description(rule),
            "severity": rule.severity,
            "subject": group.subject(),
            "hits": group.hits,
        })
    };
    let value: Vec<Value> = groups.iter().map(would_be).collect();
    Ok(ActionResult::Object(JsonMap::from_iter([("value".to_owned(), Value::Array(value))])))
}
