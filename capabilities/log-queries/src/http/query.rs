//! One query: what was asked, and what is answered.

use super::Known;
use super::errors::Refused;
use crate::answer::Answer;
use crate::ask::{LogQueries, Question};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use signet_kernel::Caller;
use std::time::Duration;

/// What `Prefer` asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    wait: Option<Duration>,
    statistics: bool,
    render: bool,
}

impl Wanted {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let texts = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        texts.fold(Self::default(), Self::and)
    }

    /// SPEC: RFC 7240 2: preferences that are not known are passed over.
    pub(super) fn and(mut self, text: &str) -> Self {
        for preference in text.split([',', ';']) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, "true"));
            let value = value.trim().trim_matches('"');
            match name.trim() {
                "wait" => self.wait = value.parse().ok().map(Duration::from_secs),
                "include-statistics" => self.statistics = value.eq_ignore_ascii_case("true"),
                "include-render" => self.render = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        self
    }
}

#[derive(Debug, Deserialize)]
struct Sent {
    query: Option<String>,
    timespan: Option<String>,
    #[serde(default)]
    workspaces: Option<Vec<String>>,
}

/// The question in the body of a POST.
pub(super) fn from_body(body: &[u8], caller: &Caller) -> Result<Question, Refused> {
    let sent = serde_json::from_slice(body).map_err(|error| Refused::bad(format!("The body is no query: {error}.")))?;
    question(sent, caller)
}

/// The question in one request of a batch.
pub(super) fn from_json(body: &Value, caller: &Caller) -> Result<Question, Refused> {
    let sent = Sent::deserialize(body).map_err(|error| Refused::bad(format!("The body is no query: {error}.")))?;
    question(sent, caller)
}

fn question(sent: Sent, caller: &Caller) -> Result<Question, Refused> {
    // INVARIANT 11: what else is named must be the caller's own tenant too.
    let others = sent.workspaces.unwrap_or_default();
    if others.iter().any(|workspace| workspace.parse() != Ok(caller.tenant)) {
        return Err(Refused::no_access());
    }
    let text = sent.query.filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Refused::bad("The body has no member `query`."))?;
    Ok(Question { text, timespan: sent.timespan.filter(|text| !text.is_empty()), wait: None })
}

/// The question in the parameters of a GET.
pub(super) fn from_parameters(text: &str) -> Result<Question, Refused> {
    let mut question = Question::default();
    for (name, value) in form(text) {
        match name.as_str() {
            "query" => question.text = value,
            "timespan" => question.timespan = Some(value).filter(|text| !text.is_empty()),
            _ => {}
        }
    }
    if question.text.trim().is_empty() {
        return Err(Refused::bad("The parameter `query` is missing."));
    }
    Ok(question)
}

fn form(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

pub(super) async fn answer(
    queries: &LogQueries,
    known: &Known,
    question: Question,
    wanted: Wanted,
) -> Result<Value, Refused> {
    let question = Question { wait: wanted.wait, ..question };
    let answer = queries.ask(&known.caller, &known.store, question).await?;
    Ok(shown(&answer, wanted))
}

fn shown(answer: &Answer, wanted: Wanted) -> Value {
    let mut said = json!({ "tables": [answer.table()] });
    let Some(members) = said.as_object_mut() else { return said };
    if let Some(limit) = answer.cut_at {
        members.insert("error".to_owned(), cut(limit));
    }
    if wanted.statistics {
        members.insert("statistics".to_owned(), answer.statistics());
    }
    if wanted.render {
        members.insert("render".to_owned(), answer.render.clone().unwrap_or_else(|| json!({ "visualization": null })));
    }
    said
}

/// The service answers what it has and says that it is not all.
fn cut(limit: usize) -> Value {
    json!({
        "code": "PartialError",
        "message": "There were some errors when processing your query.",
        "details": [{
            "code": "EngineError",
            "message": "Something went wrong processing your query on the server.",
            "innererror": {
                "code": "-2133196797",
                "message": format!("The results of this query exceed the set limit of {limit} records, so not all \
                                    records were returned. Narrow the query, or end it with `take`."),
                "severity": 2,
                "severityName": "Error",
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_as_the_client_library_writes_them() {
        let wanted = Wanted::default().and("wait=600,include-statistics=true,include-render=true");
        let all = Wanted { wait: Some(Duration::from_secs(600)), statistics: true, render: true };
        assert_eq!(wanted, all);
        assert_eq!(Wanted::default().and("return=minimal, wait=\"5\"").wait, Some(Duration::from_secs(5)));
        assert_eq!(Wanted::default().and("wait=soon"), Wanted::default());
    }
}
