//! c2sp.org/signed-note, with the keys and signatures that its first implementation tests with.

use proptest::prelude::*;
use signet_tlog::{
    Checkpoint, KeyError, KeyKind, KeyName, NoteError, SignError, SignedCheckpoint, Signer, SigningKey, TreeHead,
    UnverifiedNote, VerifierKey,
};

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
/// The kind, then the seed.
const PETER_SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const BY_PETER: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const BY_ENOCH: &str =
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

pub(crate) fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn note(lines: &[&str]) -> String {
    format!("{TEXT}\n{}", lines.concat())
}

fn open(note: &str, keys: &[&str]) -> Result<usize, NoteError> {
    let keys: Vec<_> = keys.iter().map(|text| key(text)).collect();
    let verified = UnverifiedNote::parse(note.as_bytes())?.verify(&keys)?;
    assert_eq!(verified.text(), TEXT);
    Ok(verified.signed_by().len())
}

#[test]
fn mangled_verifier_keys_are_refused() {
    for start in 0..PETER.len() {
        for end in start + 1..=PETER.len() {
            assert_eq!(PETER[start..end].parse::<VerifierKey>().is_ok(), (start, end) == (0, PETER.len()));
        }
    }
    for at in 0..PETER.len() {
        let mut bytes = PETER.as_bytes().to_vec();
        bytes[at] += 1;
        assert!(String::from_utf8(bytes).unwrap().parse::<VerifierKey>().is_err(), "byte {at}");
    }
    let too_long = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==";
    assert_eq!(too_long.parse::<VerifierKey>(), Err(KeyError::Malformed));
    assert_eq!(format!("{PETER}AAAA").parse::<VerifierKey>(), Err(KeyError::Point));
    let other_kind = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(other_kind.parse::<VerifierKey>(), Err(KeyError::Kind));
    assert_eq!(PETER.replace("c74f20a3", "C74F20A3").parse::<VerifierKey>(), Err(KeyError::Id));
    for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b", &"n".repeat(256)] {
        assert_eq!(KeyName::new(name), Err(KeyError::Name), "{name:?}");
    }
}

#[test]
fn verifier_keys_come_back_as_they_were_written() {
    for text in [PETER, ENOCH] {
        assert_eq!(key(text).to_string(), text);
        assert_eq!(key(text).kind(), KeyKind::Log);
    }
}

#[test]
fn malformed_notes_are_refused() {
    let whole = note(&[BY_PETER]);
    let strange = BY_PETER.replace("PeterNeumann", "Peter Neumann");
    let spaced = BY_PETER.replace("PeterNeumann ", "PeterNeumann  ");
    for bad in [
        "",
        "\n",
        "\n\n",
        TEXT,
        &format!("{TEXT}\n"),
        whole.trim_end(),
        &format!("\u{1}{whole}"),
        &format!("\t{whole}"),
        &whole.replace('\n', "\r\n"),
        &note(&[BY_PETER, "Unexpected line.\n"]),
        &note(&[&strange]),
        &note(&[&spaced]),
        &note(&["— PeterNeumann x08goA\n"]),
        &note(&["— PeterNeumann x08gow==\n"]),
        &note(&["— PeterNeumann \n"]),
        &note(&[&BY_PETER.replace('—', "-")]),
        &note(&[BY_PETER, "\n"]),
        &format!("{whole}\n"),
    ] {
        assert_eq!(open(bad, &[PETER]), Err(NoteError::Malformed), "{bad:?}");
    }
    let utf8 = [b"\xff", whole.as_bytes()].concat();
    assert_eq!(UnverifiedNote::parse(&utf8), Err(NoteError::Malformed));
}

#[test]
fn notes_without_bounds_are_refused() {
    assert_eq!(open(&note(&[BY_PETER; 64]), &[PETER]), Ok(1));
    assert_eq!(open(&note(&[BY_PETER; 65]), &[PETER]), Err(NoteError::TooLarge));
    assert_eq!(open(&format!("{}\n{BY_PETER}", "a\n".repeat(200_000)), &[PETER]), Err(NoteError::TooLarge));
}

#[test]
fn a_note_that_no_trusted_key_signed_is_refused() {
    assert_eq!(open(&note(&[BY_PETER, BY_ENOCH]), &[]), Err(NoteError::Unsigned));
    assert_eq!(open(&note(&[BY_PETER]), &[ENOCH]), Err(NoteError::Unsigned));
    // SPEC: signed-note, signatures: a shared name or id, but not both, does not make a key known
    assert_eq!(open(&note(&[&BY_PETER.replace("x08go", "x08gp")]), &[PETER]), Err(NoteError::Unsigned));
    assert_eq!(open(&note(&[&BY_PETER.replace("PeterNeumann", "CarmenSandiego")]), &[PETER]), Err(NoteError::Unsigned));
}

#[test]
fn one_false_signature_of_a_known_key_spoils_the_note() {
    let falsified = BY_PETER.replace("ZJkuBS9", "ZJkuBS8");
    let invalid = || Err(NoteError::Invalid("PeterNeumann+c74f20a3".to_owned()));
    assert_eq!(open(&note(&[&falsified]), &[PETER]), invalid());
    assert_eq!(open(&note(&[BY_ENOCH, &falsified]), &[PETER, ENOCH]), invalid());
    let other_text = note(&[BY_PETER]).replace("don't", "do");
    assert_eq!(UnverifiedNote::parse(other_text.as_bytes()).unwrap().verify(&[key(PETER)]).map(|_| 0), invalid());
}

#[test]
fn any_flipped_bit_of_a_note_is_found() {
    let whole = note(&[BY_PETER]);
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            let opened = UnverifiedNote::parse(&bytes).and_then(|note| note.verify(&[key(PETER)]));
            assert!(opened.is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn known_signatures_are_verified_and_unknown_ones_ignored() {
    assert_eq!(open(&note(&[BY_PETER, BY_ENOCH]), &[PETER]), Ok(1));
    assert_eq!(open(&note(&[BY_PETER, BY_ENOCH]), &[PETER, ENOCH]), Ok(2));
    assert_eq!(open(&note(&[BY_PETER, BY_PETER]), &[PETER, PETER]), Ok(1));
    let example = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\
        — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let note = UnverifiedNote::parse(example.as_bytes()).unwrap();
    assert!(note.text().ends_with("\n\ned è subito sera.\n"));
    assert_eq!(note.to_string(), example);
}

#[test]
fn the_signature_of_a_known_key_over_a_known_text_is_the_known_one() {
    let seed = base64(PETER_SECRET)[1..].try_into().unwrap();
    let peter = SigningKey::from_seed(KeyName::new("PeterNeumann").unwrap(), KeyKind::Log, &seed).unwrap();
    assert_eq!(peter.key(), &key(PETER));
    let line = [key(PETER).id().to_string(), hex::encode(peter.sign(TEXT.as_bytes()).unwrap())].concat();
    assert_eq!(line, hex::encode(base64(BY_PETER.trim_end().rsplit_once(' ').unwrap().1)));
}

/// Base64 without a library, so that what the crate reads with is not tested with itself.
fn base64(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0, 0);
    for six in text.trim_end_matches('=').chars().map(|c| alphabet.find(c).unwrap()) {
        (held, bits) = ((held << 6 | six) & 0xffff, bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}

#[test]
fn a_key_does_not_sign_what_its_kind_does_not_say() {
    let witness = SigningKey::generate(KeyName::new("w").unwrap(), KeyKind::Witness).unwrap();
    let checkpoint = Checkpoint::new("log", TreeHead::EMPTY).unwrap();
    assert_eq!(SignedCheckpoint::sign(checkpoint, &[&witness]), Err(SignError::WrongKind));
}

#[test]
fn a_key_comes_back_from_pkcs8() {
    let name = KeyName::new("log.example/t").unwrap();
    let made = SigningKey::generate(name.clone(), KeyKind::Log).unwrap();
    let read = SigningKey::from_pkcs8(name.clone(), KeyKind::Log, &made.to_pkcs8().unwrap()).unwrap();
    assert_eq!(read.key(), made.key());
    assert!(SigningKey::from_pkcs8(name, KeyKind::Log, b"no key").is_err());
    assert!(!format!("{made:?}").contains("PRIVATE"));
}

proptest! {
    #[test]
    fn what_parses_as_a_note_is_written_the_same(text in "(a|\n|é){0,9}\n\n(— [ab] (AAAAAAA=|x08gow==|AAAAAAAA)\n){0,3}") {
        if let Ok(note) = UnverifiedNote::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text);
        }
    }
}
