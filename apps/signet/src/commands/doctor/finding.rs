//! One thing that the doctor looked at.

use serde_json::{Value, json};

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As it should be.
    Well,
    /// Will be wrong soon.
    Soon,
    /// Wrong now.
    Wrong,
}

/// What was looked at, what was seen, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) what: &'static str,
    pub(super) state: State,
    pub(super) said: String,
    pub(super) advice: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn well(what: &'static str, said: impl ToString) -> Self {
        Self { what, state: State::Well, said: said.to_string(), advice: None }
    }

    /// Will be wrong soon.
    pub(super) fn soon(what: &'static str, said: impl ToString, advice: impl ToString) -> Self {
        Self { what, state: State::Soon, said: said.to_string(), advice: Some(advice.to_string()) }
    }

    /// Wrong now.
    pub(super) fn wrong(what: &'static str, said: impl ToString, advice: impl ToString) -> Self {
        Self { what, state: State::Wrong, said: said.to_string(), advice: Some(advice.to_string()) }
    }

    /// For scripts.
    pub(super) fn to_json(&self) -> Value {
        let state = match self.state {
            State::Well => "ok",
            State::Soon => "soon",
            State::Wrong => "wrong",
        };
        json!({ "what": self.what, "state": state, "said": self.said, "advice": self.advice })
    }
}
