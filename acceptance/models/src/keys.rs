//! The life of a tenant's signing keys: nodes that sign at every minute, and somebody who keeps a copy of the keys.
//!
//! Stands for, in `signet-signing-keys`: `SigningKeys::{rotate, maintain}` by [`Action::Rotate`], `SigningKeys::revoke`
//! by [`Action::Withdraw`], `TenantKeys::encoder` by what [`Action::Tick`] signs, `TenantKeys::jwks_json` by
//! [`Action::Fetch`]. The rules of time are not modelled but called: `schedule::{Times, signer, stage}`. A minute is
//! `schedule::MARGIN`; a stale node is one minute behind in what it publishes and in what it signs with. That a stale
//! node signs nothing with a withdrawn key is [`crate::revocation`]'s matter: withdrawing raises the counter.

use signet_kernel::Timestamp;
use signet_signing_keys::schedule::{JWKS_MAX_AGE, LEEWAY, LONGEST_TOKEN, Stage, Times, signer, stage};
use stateright::{Model, Property};
use std::time::Duration;

/// When the run ends: the first key has retired by then.
const END: u64 = 90;
/// One rotation happens, if any, at an even minute up to this one.
const LATEST_ROTATION: u64 = 6;
/// One withdrawal happens, if any, at a fifth minute up to this one.
const LATEST_WITHDRAWAL: u64 = 25;

/// What the nodes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// As built.
    Kept,
    /// A successor signs as soon as it is made.
    SignAtOnce,
    /// A successor waits as long as copies are kept, and not for the commit and stale nodes.
    NoMargin,
    /// A key leaves the published ones when it signs no more.
    RetiredWithItsLastToken,
    /// A compromised key stays published.
    PublishedThoughWithdrawn,
}

/// A key; its times in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    activates: u64,
    withdrawn: Option<u64>,
    /// Made in place of a compromised one: the one case in which a copy is fetched again for an unknown key.
    replaces: bool,
    /// When it last signed.
    signed: Option<u64>,
}

/// All there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    now: u64,
    keys: Vec<Key>,
    /// The keys as a stale node has them.
    before: Vec<Key>,
    /// Which keys the copy holds, and since when.
    copy: Vec<usize>,
    fetched: u64,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the page of the module says which item each stands for")]
pub enum Action {
    Tick,
    Fetch { stale: bool },
    Rotate,
    Withdraw(usize),
}

/// The model under one rule.
#[derive(Debug, Clone, Copy)]
pub struct Keys(pub Rule);

fn minutes(span: Duration) -> u64 {
    span.as_secs() / 60
}

fn at(minute: u64) -> Timestamp {
    Timestamp::from_seconds(0).plus(Duration::from_mins(minute))
}

fn minute(time: Timestamp) -> u64 {
    minutes(time.since(at(0)))
}

fn times(keys: &[Key]) -> Vec<Times> {
    keys.iter().map(|key| Times { activates: at(key.activates), withdrawn: key.withdrawn.map(at) }).collect()
}

impl Keys {
    fn published(self, keys: &[Key], now: u64) -> Vec<usize> {
        let times = times(keys);
        let is_published = |key: &usize| match stage(&times, *key, at(now)) {
            Stage::Superseded { .. } => self.0 != Rule::RetiredWithItsLastToken,
            Stage::Withdrawn => self.0 == Rule::PublishedThoughWithdrawn,
            stage => stage.is_published(),
        };
        (0..keys.len()).filter(is_published).collect()
    }

    fn successor(self, now: u64) -> Key {
        let activates = match self.0 {
            Rule::SignAtOnce => minute(Times::at_once(at(now)).activates),
            Rule::NoMargin => now + minutes(JWKS_MAX_AGE),
            _ => minute(Times::after_publication(at(now)).activates),
        };
        Key { activates, withdrawn: None, replaces: false, signed: None }
    }

    /// Whether whoever holds the copy can verify the newest token of every key that still lives.
    fn all_verify(self, state: &State) -> bool {
        let lives = |signed: u64| state.now < signed + minutes(LONGEST_TOKEN) + minutes(LEEWAY);
        let mut living =
            state.keys.iter().enumerate().filter(|(_, key)| key.withdrawn.is_none() && key.signed.is_some_and(lives));
        living.all(|(place, key)| {
            let fetched = || key.replaces && self.published(&state.keys, state.now).contains(&place);
            state.copy.contains(&place) || fetched()
        })
    }
}

impl State {
    fn tick(&mut self) {
        self.now += 1;
        let current = signer(&times(&self.keys), at(self.now));
        let stale = signer(&times(&self.before), at(self.now - 1));
        for (signing, when) in [(stale, self.now - 1), (current, self.now)] {
            if let Some(key) = signing.map(|place| &mut self.keys[place]).filter(|key| key.withdrawn.is_none()) {
                key.signed = key.signed.max(Some(when));
            }
        }
        self.before = self.keys.clone();
    }

    fn withdraw(&mut self, place: usize) {
        let signs = signer(&times(&self.keys), at(self.now)) == Some(place);
        self.keys[place].withdrawn = Some(self.now);
        if signs {
            let activates = minute(Times::at_once(at(self.now)).activates);
            self.keys.push(Key { activates, withdrawn: None, replaces: true, signed: None });
        }
    }
}

impl Model for Keys {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let keys = vec![Key { activates: 0, withdrawn: None, replaces: false, signed: Some(0) }];
        vec![State { now: 0, before: keys.clone(), keys, copy: vec![0], fetched: 0 }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let age = state.now - state.fetched;
        if age < minutes(JWKS_MAX_AGE) && state.now < END {
            actions.push(Action::Tick);
        }
        if age > 0 {
            actions.extend([Action::Fetch { stale: false }, Action::Fetch { stale: true }]);
        }
        if state.now <= LATEST_ROTATION && state.now.is_multiple_of(2) && state.keys.len() == 1 {
            actions.push(Action::Rotate);
        }
        let none_withdrawn = state.keys.iter().all(|key| key.withdrawn.is_none());
        if state.now <= LATEST_WITHDRAWAL && state.now.is_multiple_of(5) && none_withdrawn {
            actions.extend((0..state.keys.len()).map(Action::Withdraw));
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Tick => next.tick(),
            Action::Fetch { stale } => {
                let keys = if stale { &state.before } else { &state.keys };
                (next.copy, next.fetched) = (self.published(keys, state.now - u64::from(stale)), state.now);
            }
            Action::Rotate => next.keys.push(self.successor(state.now)),
            Action::Withdraw(place) => next.withdraw(place),
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(VERIFIABLE, |model, state: &State| model.all_verify(state)),
            Property::always(SIGNS, |_, state: &State| {
                let signing = signer(&times(&state.keys), at(state.now));
                signing.is_some_and(|place| state.keys[place].withdrawn.is_none())
            }),
            Property::always(WITHDRAWN, |_, state: &State| {
                let longest = minutes(JWKS_MAX_AGE) + 1;
                state.copy.iter().filter_map(|place| state.keys[*place].withdrawn).all(|at| state.now <= at + longest)
            }),
            Property::sometimes("the first key retires by time alone", |_, state: &State| {
                state.keys[0].withdrawn.is_none() && !state.copy.contains(&0)
            }),
        ]
    }
}

/// No token lives that the published keys, as anybody may hold them, do not verify.
pub const VERIFIABLE: &str = "every living token verifies with any copy";
/// There is always a key that signs.
pub const SIGNS: &str = "some key signs at every moment";
/// A withdrawn key is in no copy for longer than copies are kept.
pub const WITHDRAWN: &str = "a withdrawn key leaves every copy";
