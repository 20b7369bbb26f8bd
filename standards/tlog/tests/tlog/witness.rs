//! c2sp.org/tlog-witness: what is signed, and with which status everything else is refused.

use crate::checkpoint::{ORIGIN, read, signed, signing};
use crate::naive::Naive;
use proptest::prelude::*;
use signet_kernel::Timestamp;
use signet_tlog::{
    AddCheckpoint, ConsistencyProof, KeyKind, Log, Refusal, RequestError, SignError, Signer, SigningKey, TreeHead,
};

struct World {
    naive: Naive,
    key: SigningKey,
    log: Log,
}

impl World {
    fn new() -> Self {
        let key = signing(ORIGIN, KeyKind::Log);
        Self { naive: Naive::new(20), log: Log::new(ORIGIN, [key.key().clone()]), key }
    }

    fn request(&self, old: usize, new: usize) -> AddCheckpoint {
        let path = if old == 0 || old > new { Vec::new() } else { self.naive.subproof(old, 0, new, true) };
        let checkpoint = read(&signed(self.naive.head(new), &self.key));
        AddCheckpoint { old: old as u64, proof: ConsistencyProof { path }, checkpoint }
    }

    fn refusal(&self, request: AddCheckpoint, latest: usize) -> Refusal {
        request.decide(Some(&self.log), self.naive.head(latest)).unwrap_err()
    }
}

#[test]
fn malformed_requests_are_refused() {
    let whole = World::new().request(13, 20).to_string();
    assert!(AddCheckpoint::parse(whole.as_bytes()).is_ok());
    let lines = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".repeat(64);
    for bad in [
        String::new(),
        "\n\n".to_owned(),
        whole.replacen("old 13", "old 013", 1),
        whole.replacen("old 13", "old  13", 1),
        whole.replacen("old 13", "new 13", 1),
        whole.replacen("old 13\n", "", 1),
        whole.replacen("=\n", "\n", 1),
        whole.replacen("old 13\n", &format!("old 13\n{lines}"), 1),
        format!("\n{whole}"),
    ] {
        assert_eq!(AddCheckpoint::parse(bad.as_bytes()), Err(RequestError::Malformed), "{bad:?}");
    }
    let cut = whole.trim_end().as_bytes().to_vec();
    assert!(matches!(AddCheckpoint::parse(&cut), Err(RequestError::Checkpoint(_))));
}

#[test]
fn an_unknown_log_is_404_and_a_false_signature_403() {
    let world = World::new();
    let refused = world.request(0, 20).decide(None, TreeHead::EMPTY).unwrap_err();
    assert_eq!((refused, refused.status()), (Refusal::UnknownLog, 404));
    let other = World::new();
    let refused = other.refusal(world.request(0, 20), 0);
    assert_eq!((refused, refused.status()), (Refusal::Unsigned, 403));
}

#[test]
fn an_old_size_above_the_checkpoint_is_400() {
    let world = World::new();
    let refused = world.refusal(world.request(20, 13), 20);
    assert_eq!((refused, refused.status()), (Refusal::Shrunk, 400));
}

#[test]
fn another_old_size_is_409_with_the_size_signed_last() {
    let world = World::new();
    for (old, latest) in [(0, 13), (12, 13), (14, 13), (1, 0)] {
        let refused = world.refusal(world.request(old, 20), latest);
        assert_eq!((refused, refused.status()), (Refusal::Behind { latest: latest as u64 }, 409));
        assert_eq!(refused.size_body(), Some(format!("{latest}\n")));
        assert_eq!(Refusal::read_size_body(&refused.size_body().unwrap()), Some(latest as u64));
    }
    for body in ["", "13", "013\n", "13\n\n", "-1\n"] {
        assert_eq!(Refusal::read_size_body(body), None, "{body:?}");
    }
}

#[test]
fn a_tree_that_did_not_grow_out_of_the_last_is_422() {
    let world = World::new();
    for damage in [
        |path: &mut Vec<_>| path.clear(),
        |path: &mut Vec<_>| path.reverse(),
        |path: &mut Vec<_>| path.truncate(1),
        |path: &mut Vec<_>| path.push(path[0]),
    ] {
        let mut request = world.request(13, 20);
        damage(&mut request.proof.path);
        let refused = world.refusal(request, 13);
        assert_eq!((refused, refused.status()), (Refusal::Inconsistent, 422));
    }
    let mut from_nothing = world.request(0, 20);
    from_nothing.proof.path.push(world.naive.leaves[0]);
    assert_eq!(world.refusal(from_nothing, 0), Refusal::Inconsistent);
}

#[test]
fn a_second_tree_of_the_same_size_is_409() {
    let world = World::new();
    let other = TreeHead { size: 20, root: world.naive.leaves[3] };
    let refused = world.request(20, 20).decide(Some(&world.log), other).unwrap_err();
    assert_eq!((refused, refused.status(), refused.size_body()), (Refusal::Fork, 409, None));
}

#[test]
fn every_consistent_tree_is_signed() {
    let world = World::new();
    let witness = signing("witness.example/w", KeyKind::Witness);
    for new in 0..=20 {
        for old in 0..=new {
            let body = world.request(old, new).to_string();
            let request = AddCheckpoint::parse(body.as_bytes()).unwrap();
            let accepted = request.decide(Some(&world.log), world.naive.head(old)).unwrap();
            assert_eq!(
                (accepted.before(), accepted.checkpoint().head()),
                (world.naive.head(old), world.naive.head(new))
            );
            let line = accepted.cosign(&witness, Timestamp::from_seconds(9)).unwrap();
            let mut checkpoint = accepted.checkpoint().clone();
            checkpoint.add_cosignatures(vec![line], &[witness.key().clone()]).unwrap();
            assert_eq!(checkpoint.cosignatures(&[witness.key().clone()]).unwrap().len(), 1);
        }
    }
}

#[test]
fn a_witness_signs_with_its_own_kind_of_key_and_a_clock_after_1970() {
    let world = World::new();
    let accepted = world.request(0, 20).decide(Some(&world.log), TreeHead::EMPTY).unwrap();
    assert_eq!(accepted.cosign(&world.key, Timestamp::from_seconds(9)), Err(SignError::WrongKind));
    let witness = signing("witness.example/w", KeyKind::Witness);
    assert_eq!(accepted.cosign(&witness, Timestamp::from_seconds(-1)), Err(SignError::Clock));
}

proptest! {
    #[test]
    fn what_parses_as_a_request_is_written_the_same(at in 0_usize..400, byte: u8) {
        let mut body = World::new().request(13, 20).to_string().into_bytes();
        let at = at % body.len();
        body[at] = byte;
        if let Ok(request) = AddCheckpoint::parse(&body) {
            prop_assert_eq!(request.to_string().into_bytes(), body);
        }
    }
}
