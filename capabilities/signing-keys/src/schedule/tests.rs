use super::*;
use proptest::prelude::*;

const START: Timestamp = Timestamp::from_seconds(1_000_000);

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Rotate,
    Withdraw(prop::sample::Index),
    Issue,
    /// A resource fetches the published keys from a node that is so many seconds behind.
    Fetch(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        // The spans at which something may go wrong: a little less than what the rules are made of.
        6 => prop::sample::select(vec![20, 40, 280, 580, 3_500]).prop_map(Step::Wait),
        2 => (1_u64..5_000).prop_map(Step::Wait),
        2 => Just(Step::Rotate),
        1 => any::<prop::sample::Index>().prop_map(Step::Withdraw),
        4 => Just(Step::Issue),
        3 => prop::sample::select(vec![0, 30, 59]).prop_map(Step::Fetch),
    ]
}

/// A key as the world knows it: its times, since when it exists, and whether it replaced a compromised one.
#[derive(Debug, Clone, Copy)]
struct Made {
    times: Times,
    at: Timestamp,
    replacement: bool,
}

/// A copy of the published keys: when it was fetched, and the moment whose state it shows.
#[derive(Debug)]
struct Copy {
    fetched: Timestamp,
    shows: Timestamp,
    keys: Vec<usize>,
}

#[derive(Debug)]
struct World {
    now: Timestamp,
    keys: Vec<Made>,
    tokens: Vec<(usize, Timestamp)>,
    copy: Copy,
}

impl World {
    fn new() -> Self {
        let first = Made { times: Times::at_once(START), at: START, replacement: false };
        let copy = Copy { fetched: START, shows: START, keys: vec![0] };
        Self { now: START, keys: vec![first], tokens: Vec::new(), copy }
    }

    fn times(&self) -> Vec<Times> {
        self.keys.iter().map(|key| key.times).collect()
    }

    fn make(&mut self, times: Times, replacement: bool) {
        self.keys.push(Made { times, at: self.now, replacement });
    }

    fn fetch(&mut self, behind: u64) {
        let shows = self.now.minus(Duration::from_secs(behind)).max(START);
        let known = |key: &&Made| key.at <= shows;
        let forget = |times: Times| Times { withdrawn: times.withdrawn.filter(|at| *at <= shows), ..times };
        let times: Vec<Times> = self.keys.iter().take_while(known).map(|key| forget(key.times)).collect();
        let keys = (0..times.len()).filter(|key| stage(&times, *key, shows).is_published()).collect();
        self.copy = Copy { fetched: self.now, shows, keys };
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Wait(seconds) => self.now = self.now.plus(Duration::from_secs(seconds)),
            Step::Rotate => self.make(Times::after_publication(self.now), false),
            Step::Withdraw(which) => self.withdraw(which.index(self.keys.len())),
            Step::Fetch(behind) => self.fetch(behind),
            Step::Issue => {
                let signer = signer(&self.times(), self.now);
                prop_assert!(signer.is_some(), "nothing signs");
                self.tokens.extend(signer.map(|key| (key, self.now.plus(LONGEST_TOKEN))));
            }
        }
        if self.now.since(self.copy.fetched) >= JWKS_MAX_AGE {
            self.fetch(0);
        }
        Ok(())
    }

    fn withdraw(&mut self, key: usize) {
        if self.keys[key].times.withdrawn.is_some() {
            return;
        }
        let replaces = signer(&self.times(), self.now) == Some(key);
        self.keys[key].times.withdrawn = Some(self.now);
        if replaces {
            self.make(Times::at_once(self.now), true);
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let times = self.times();
        let stages: Vec<Stage> = (0..times.len()).map(|key| stage(&times, key, self.now)).collect();
        prop_assert_eq!(stages.iter().filter(|stage| **stage == Stage::Signing).count(), 1, "{:?}", stages);
        for (key, expires) in &self.tokens {
            let over = self.now >= expires.plus(LEEWAY);
            let made = &self.keys[*key];
            if over || made.times.withdrawn.is_some() {
                continue;
            }
            prop_assert!(stages[*key].is_published(), "no published key verifies a token of key {}", key);
            // The one exception: what replaces a compromised key signs before every copy holds it.
            let unknown_yet = made.replacement && self.copy.shows <= made.at;
            prop_assert!(unknown_yet || self.copy.keys.contains(key), "key {} is not in {:?}", key, self.copy);
        }
        Ok(())
    }
}

proptest! {
    /// Any interleaving of rotations, compromises, issues and verifications, by a resource whose copy of the keys is
    /// as old as it may be, finds neither a moment without a key nor a token that no published key verifies.
    #[test]
    fn invariant_13_no_interleaving_leaves_a_gap(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        for step in steps {
            world.take(step)?;
            world.check()?;
        }
    }

    /// A key that has left stays gone, whatever is withdrawn or made after it.
    #[test]
    fn a_key_never_goes_back_to_an_earlier_stage(steps in prop::collection::vec(step(), 1..80)) {
        let rank = |stage| match stage {
            Stage::Coming { .. } => 0,
            Stage::Signing => 1,
            Stage::Superseded { .. } => 2,
            Stage::Retired => 3,
            Stage::Withdrawn => 4,
        };
        let mut world = World::new();
        let mut reached = vec![0; 81];
        for step in steps {
            world.take(step)?;
            let times = world.times();
            for (key, reached) in reached.iter_mut().enumerate().take(times.len()) {
                let at = rank(stage(&times, key, world.now));
                prop_assert!(at >= *reached, "key {} went back from {} to {}", key, *reached, at);
                *reached = at;
            }
        }
    }
}

#[test]
fn a_withdrawn_key_neither_signs_nor_stays() {
    let mut keys = vec![Times::at_once(START)];
    keys[0].withdrawn = Some(START);
    assert_eq!(signer(&keys, START), None);
    assert_eq!(stage(&keys, 0, START), Stage::Withdrawn);
    keys.push(Times::at_once(START));
    assert_eq!(signer(&keys, START), Some(1));
}

#[test]
fn the_old_key_signs_until_every_copy_holds_the_new_one_and_leaves_after_its_last_token() {
    let keys = [Times::at_once(START), Times::after_publication(START)];
    let active = START.plus(JWKS_MAX_AGE).plus(MARGIN);
    let instant = Duration::from_micros(1);
    assert_eq!(signer(&keys, active.minus(instant)), Some(0));
    assert_eq!(stage(&keys, 1, active.minus(instant)), Stage::Coming { activates: active });
    assert_eq!(signer(&keys, active), Some(1));
    let retires = active.plus(LONGEST_TOKEN).plus(LEEWAY);
    assert_eq!(stage(&keys, 0, active), Stage::Superseded { retires });
    assert!(stage(&keys, 0, retires.minus(instant)).is_published());
    assert_eq!(stage(&keys, 0, retires), Stage::Retired);
}

#[test]
fn a_key_withdrawn_before_its_time_takes_over_from_nobody() {
    let mut keys = vec![Times::at_once(START), Times::after_publication(START)];
    keys[1].withdrawn = Some(START.plus(Duration::from_secs(1)));
    let later = START.plus(Duration::from_hours(24));
    assert_eq!(stage(&keys, 0, later), Stage::Signing);
}

#[test]
fn of_two_keys_made_at_the_same_moment_one_signs() {
    let keys = [Times::at_once(START), Times::at_once(START)];
    assert_eq!(stage(&keys, 1, START), Stage::Signing);
    assert!(matches!(stage(&keys, 0, START), Stage::Superseded { .. }));
}

#[test]
fn a_clock_set_back_finds_a_key_that_signs() {
    let keys = [Times::at_once(START), Times::after_publication(START)];
    let earlier = START.minus(Duration::from_hours(1));
    assert_eq!(stage(&keys, 0, earlier), Stage::Signing);
}

#[test]
fn a_successor_is_due_when_the_period_is_over_and_once() {
    let settings = KeySettings { rotation: Duration::from_hours(1) };
    let mut keys = vec![Times::at_once(START)];
    let later = START.plus(Duration::from_hours(1));
    assert!(!successor_due(&keys, settings, later.minus(Duration::from_micros(1))));
    assert!(successor_due(&keys, settings, later));
    keys.push(Times::after_publication(later));
    assert!(!successor_due(&keys, settings, later));
}
