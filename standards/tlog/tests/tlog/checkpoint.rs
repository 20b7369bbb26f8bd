//! c2sp.org/tlog-checkpoint, tlog-cosignature and tlog-proof.

use crate::naive::{Naive, Store};
use crate::notes::key;
use signet_kernel::Timestamp;
use signet_tlog::{
    AddCheckpoint, Checkpoint, CheckpointError, ConsistencyProof, Hash, InclusionProof, KeyKind, KeyName, Log,
    NoteError, ProofError, ProofFile, ProofFileError, SignatureLine, SignedCheckpoint, Signer, SigningKey, TreeHead,
    UnverifiedCheckpoint,
};

pub(crate) const ORIGIN: &str = "log.example/t";

pub(crate) fn signing(name: &str, kind: KeyKind) -> SigningKey {
    SigningKey::generate(KeyName::new(name).unwrap(), kind).unwrap()
}

pub(crate) fn signed(head: TreeHead, key: &SigningKey) -> SignedCheckpoint {
    SignedCheckpoint::sign(Checkpoint::new(ORIGIN, head).unwrap(), &[key]).unwrap()
}

pub(crate) fn read(checkpoint: &SignedCheckpoint) -> UnverifiedCheckpoint {
    UnverifiedCheckpoint::parse(checkpoint.to_string().as_bytes()).unwrap()
}

fn log(key: &SigningKey) -> Log {
    Log::new(ORIGIN, [key.key().clone()])
}

/// The line with which `witness` answers for a log that it sees for the first time.
fn cosigned(checkpoint: &SignedCheckpoint, log: &Log, witness: &SigningKey, seconds: i64) -> SignatureLine {
    let request = AddCheckpoint { old: 0, proof: ConsistencyProof::default(), checkpoint: read(checkpoint) };
    let accepted = request.decide(Some(log), TreeHead::EMPTY).unwrap();
    accepted.cosign(witness, Timestamp::from_seconds(seconds)).unwrap()
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let empty = Hash::EMPTY;
    for text in [
        "",
        "\n",
        "o\n",
        "o\n1\n",
        &format!("o\n1\n{root}"),
        &format!("\n1\n{root}\n"),
        &format!("o\n01\n{root}\n"),
        &format!("o\n-1\n{root}\n"),
        &format!("o\n+1\n{root}\n"),
        &format!("o\n 1\n{root}\n"),
        &format!("o\n\n{root}\n"),
        &format!("o\n9223372036854775808\n{root}\n"),
        &format!("o\n1\n{}\n", &root[..43]),
        "o\n1\nAAAA\n",
        &format!("o\n1\n{root}\n\n"),
        &format!("o\n1\n{root}\n\next\n"),
        &format!("o\r\n1\r\n{root}\r\n"),
        &format!("o\n0\n{root}\n"),
        &format!("o\n1\n{empty}\n"),
        &format!("{}\n1\n{root}\n", "o".repeat(256)),
        &format!("o\n1\n{root}\n{}", "x\n".repeat(17)),
        &format!("o\n1\n{root}\n{}\n", "x".repeat(9000)),
        &format!("o\n1\n{}\n", root.replace("2I=", "2J=")),
    ] {
        assert_eq!(text.parse::<Checkpoint>(), Err(CheckpointError::Malformed), "{text:?}");
    }
    assert_eq!(Checkpoint::new("", TreeHead::EMPTY), Err(CheckpointError::Malformed));
    assert_eq!(Checkpoint::new("a\nb", TreeHead::EMPTY), Err(CheckpointError::Malformed));
}

#[test]
fn the_example_of_the_specification_is_read() {
    let example = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let read = UnverifiedCheckpoint::parse(example.as_bytes()).unwrap();
    assert_eq!((read.origin(), read.size()), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(read.to_string(), example);
    let lines = SignatureLine::parse_all(example.split_once("\n\n").unwrap().1).unwrap();
    assert_eq!(lines[1].id().to_string(), "8d66cf3f");
    assert_eq!(read.verify(&Log::new("example.com/behind-the-sofa", [])).map(|_| ()), Err(NoteError::Unsigned.into()));
}

#[test]
fn extension_lines_are_kept_and_signed() {
    let text = format!("{ORIGIN}\n0\n{}\nfirst line\nsecond\n", Hash::EMPTY);
    let checkpoint: Checkpoint = text.parse().unwrap();
    assert_eq!(checkpoint.extensions(), ["first line", "second"]);
    let key = signing(ORIGIN, KeyKind::Log);
    let note = SignedCheckpoint::sign(checkpoint, &[&key]).unwrap().to_string();
    assert!(UnverifiedCheckpoint::parse(note.as_bytes()).unwrap().verify(&log(&key)).is_ok());
    let changed = note.replace("second", "third");
    let refused = UnverifiedCheckpoint::parse(changed.as_bytes()).unwrap().verify(&log(&key));
    assert!(matches!(refused, Err(CheckpointError::Note(NoteError::Invalid(_)))));
}

#[test]
fn a_checkpoint_of_another_log_or_key_is_refused() {
    let (key, other) = (signing(ORIGIN, KeyKind::Log), signing(ORIGIN, KeyKind::Log));
    let checkpoint = signed(TreeHead::EMPTY, &key);
    let another = Log::new("log.example/u", [key.key().clone()]);
    assert_eq!(read(&checkpoint).verify(&another).unwrap_err(), CheckpointError::Origin(ORIGIN.to_owned()));
    assert_eq!(read(&checkpoint).verify(&log(&other)).unwrap_err(), NoteError::Unsigned.into());
    assert_eq!(read(&checkpoint).verify(&log(&key)).unwrap().head(), TreeHead::EMPTY);
}

#[test]
fn a_cosignature_alone_does_not_make_a_checkpoint() {
    let (key, witness) = (signing(ORIGIN, KeyKind::Log), signing("witness.example/w", KeyKind::Witness));
    let checkpoint = signed(Naive::new(3).head(3), &key);
    let line = cosigned(&checkpoint, &log(&key), &witness, 1_679_315_147);
    let text = checkpoint.checkpoint().to_string();
    let alone = UnverifiedCheckpoint::parse(format!("{text}\n{line}").as_bytes()).unwrap();
    let trusting_both = Log::new(ORIGIN, [key.key().clone(), witness.key().clone()]);
    assert_eq!(alone.verify(&trusting_both).unwrap_err(), NoteError::Unsigned.into());
}

#[test]
fn cosignatures_say_who_and_when() {
    let (key, witness) = (signing(ORIGIN, KeyKind::Log), signing("witness.example/w", KeyKind::Witness));
    let mut checkpoint = signed(Naive::new(3).head(3), &key);
    let witnesses = [witness.key().clone()];
    assert_eq!(checkpoint.cosignatures(&witnesses), Ok(vec![]));
    for seconds in [1_679_315_146, 1_679_315_147] {
        let line = cosigned(&checkpoint, &log(&key), &witness, seconds);
        let lines = SignatureLine::parse_all(&line.to_string()).unwrap();
        checkpoint.add_cosignatures(lines, &witnesses).unwrap();
    }
    assert_eq!(checkpoint.to_string().lines().filter(|line| line.starts_with('—')).count(), 2);
    let checkpoint = read(&checkpoint).verify(&log(&key)).unwrap();
    let found = checkpoint.cosignatures(&witnesses).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].key, found[0].at.seconds()), (witness.key(), 1_679_315_147));
}

#[test]
fn one_witness_under_two_names_counts_once() {
    let key = signing(ORIGIN, KeyKind::Log);
    let one = signing("witness.example/one", KeyKind::Witness);
    let two = KeyName::new("witness.example/two").unwrap();
    let two = SigningKey::from_pkcs8(two, KeyKind::Witness, &one.to_pkcs8().unwrap()).unwrap();
    let mut checkpoint = signed(Naive::new(3).head(3), &key);
    let witnesses = [one.key().clone(), two.key().clone()];
    let lines = [&one, &two].map(|witness| cosigned(&checkpoint, &log(&key), witness, 5));
    checkpoint.add_cosignatures(lines.to_vec(), &witnesses).unwrap();
    assert_eq!(checkpoint.cosignatures(&witnesses).unwrap().len(), 1);
}

#[test]
fn a_cosignature_of_another_tree_time_or_witness_is_refused() {
    let (key, witness) = (signing(ORIGIN, KeyKind::Log), signing("witness.example/w", KeyKind::Witness));
    let naive = Naive::new(4);
    let (mut three, four) = (signed(naive.head(3), &key), signed(naive.head(4), &key));
    let witnesses = [witness.key().clone()];
    let invalid = || NoteError::Invalid(format!("witness.example/w+{}", witness.key().id()));
    let of_four = cosigned(&four, &log(&key), &witness, 5);
    assert_eq!(three.add_cosignatures(vec![of_four], &witnesses), Err(invalid()));
    let stranger = signing("witness.example/w", KeyKind::Witness);
    let by_stranger = cosigned(&three, &log(&key), &stranger, 5);
    assert_eq!(three.add_cosignatures(vec![by_stranger], &witnesses), Err(NoteError::Unsigned));
    // The time stands in the clear before the signature, which covers it: bytes 4 to 12 of 76.
    let line = cosigned(&three, &log(&key), &witness, 5).to_string();
    let other_time = line.replacen("AAAAF", "AAAAG", 1);
    assert_ne!(other_time, line);
    let lines = SignatureLine::parse_all(&other_time).unwrap();
    assert_eq!(three.add_cosignatures(lines, &witnesses), Err(invalid()));
    assert_eq!(three.cosignatures(&witnesses), Ok(vec![]));
}

#[test]
fn proofs_that_are_not_of_the_leaf_the_log_or_the_form_are_refused() {
    let (file, leaf, key) = proof_file();
    let text = file.to_string();
    let read = |text: &str| ProofFile::parse(text.as_bytes()).and_then(|file| file.verify(&leaf, &log(&key)));
    assert_eq!(read(&text).unwrap().head().size, 300);
    for (from, to) in [
        ("@v1", "@v2"),
        ("index 256", "index 0256"),
        ("index", "Index"),
        ("index 256\n", ""),
        ("extra ", "extra  "),
        ("extra dg==", "extra dh=="),
        ("\n\n", "\n"),
        ("index 256\n", "index 256\nAAAA\n"),
    ] {
        assert_ne!(text.replacen(from, to, 1), text, "{from}");
        assert_eq!(read(&text.replacen(from, to, 1)).unwrap_err(), ProofFileError::Malformed, "{from} {to}");
    }
    let moved = read(&text.replace("index 256", "index 257")).unwrap_err();
    assert_eq!(moved, ProofFileError::Proof(ProofError::Mismatch));
    let line = format!("{}\n", Hash::EMPTY);
    let endless = text.replacen("index 256\n", &format!("index 256\n{}", line.repeat(64)), 1);
    assert_eq!(read(&endless).unwrap_err(), ProofFileError::Malformed);
    let file = ProofFile::parse(text.as_bytes()).unwrap();
    assert_eq!(
        file.verify(&Hash::leaf(b"another"), &log(&key)).unwrap_err(),
        ProofFileError::Proof(ProofError::Mismatch)
    );
}

#[test]
fn a_proof_file_comes_back_as_it_was_written() {
    let (file, _, _) = proof_file();
    assert_eq!(ProofFile::parse(file.to_string().as_bytes()), Ok(file.clone()));
    assert!(file.to_string().starts_with("c2sp.org/tlog-proof@v1\nextra dg==\nindex 256\n"));
    let plain = ProofFile { extra: None, ..file };
    assert_eq!(ProofFile::parse(plain.to_string().as_bytes()), Ok(plain));
}

fn proof_file() -> (ProofFile, Hash, SigningKey) {
    let key = signing(ORIGIN, KeyKind::Log);
    let naive = Naive::new(300);
    let store = Store::of(&naive.leaves);
    let tiles = store.verified(InclusionProof::tiles(256, 300).unwrap());
    let file = ProofFile {
        extra: Some(b"v".to_vec()),
        inclusion: InclusionProof::build(256, &tiles).unwrap(),
        checkpoint: read(&signed(store.tree.head(), &key)),
    };
    (file, naive.leaves[256], key)
}

#[test]
fn a_key_of_a_witness_has_another_id_than_the_same_key_of_a_log() {
    let log = signing("same.example", KeyKind::Log);
    let witness =
        SigningKey::from_pkcs8(KeyName::new("same.example").unwrap(), KeyKind::Witness, &log.to_pkcs8().unwrap())
            .unwrap();
    assert_eq!(log.key().public_bytes(), witness.key().public_bytes());
    assert_ne!(log.key().id(), witness.key().id());
    assert_eq!(key(&witness.key().to_string()), *witness.key());
}
