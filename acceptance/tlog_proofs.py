#!/usr/bin/env python3
"""Has independent implementations judge the transparency log, over the same entries.

pymerkle agrees on every root and inclusion path, and accepts the proofs. Its consistency proofs are not those of
RFC 6962 (it goes on where a subtree is complete), so these are compared with the definition of RFC 6962 2.1.2 over
pymerkle's leaves. aics-tlog, which needs Python 3.12, judges everything: both kinds of proof, every tile and bundle,
log signatures and cosignatures. Signatures are checked by hand with `cryptography` too.

    tlog_proofs.py [--emit PROGRAM]     default: cargo's example `emit_proofs` of signet-tlog
"""
import argparse
import base64
import hashlib
import json
import pathlib
import subprocess

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InclusionProof, InmemoryTree, InvalidProof, verify_inclusion

from checks import check, done, skip

try:
    import aics_tlog
except ImportError:
    aics_tlog = None

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
EMIT = ["cargo", "run", "--quiet", "--package", "signet-tlog", "--example", "emit_proofs"]


def unhex(path):
    return [bytes.fromhex(each) for each in path]


def flipped(path):
    """The path with one bit of each hash changed, one hash at a time."""
    for at, each in enumerate(path):
        yield path[:at] + [bytes([each[0] ^ 1]) + each[1:]] + path[at + 1:]


def pymerkle_includes(tree, size, root, index, path):
    """Whether pymerkle accepts the path: it counts from one, and puts the leaf first."""
    leaf = tree.get_leaf(index + 1)
    rule = tree.prove_inclusion(index + 1, size).rule
    proof = InclusionProof("sha256", True, size, index + 1, rule, [leaf, *path])
    try:
        verify_inclusion(leaf, root, proof, index=index + 1, size=size, algorithm="sha256")
    except InvalidProof:
        return False
    return True


def mth(leaves):
    """MTH of RFC 6962 2.1, over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def subproof(old, leaves, whole):
    """SUBPROOF of RFC 6962 2.1.2, over leaf hashes."""
    if old == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= k:
        return subproof(old, leaves[:k], whole) + [mth(leaves[k:])]
    return subproof(old - k, leaves[k:], False) + [mth(leaves[:k])]


def grows(old, before, new, after, path):
    """Whether the path proves that the tree of `new` leaves grew out of that of `old`: RFC 9162 2.1.4.2."""
    if old == new:
        return not path and before == after
    first, last, path = old - 1, new - 1, list(path)
    while first & 1:
        first, last = first >> 1, last >> 1
    left = right = before if first == 0 and old & (old - 1) == 0 else path.pop(0)
    for each in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            left, right = (hashlib.sha256(b"\x01" + each + node).digest() for node in (left, right))
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            right = hashlib.sha256(b"\x01" + right + each).digest()
        first, last = first >> 1, last >> 1
    return last == 0 and left == before and right == after


def parse_key(text):
    """Name, id, id as it must be, kind, and key of a verifier key."""
    name, key_id, encoded = text.split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    computed = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    return name, bytes.fromhex(key_id), computed, raw[0], Ed25519PublicKey.from_public_bytes(raw[1:])


def verified(key, message, signature):
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed(note, size, root, keys):
    """Whether the note says this tree, and log and witness signed it, by the words of c2sp.org."""
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    signatures = {}
    for line in lines.splitlines():
        dash, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        if dash == "\u2014":
            signatures[name, raw[:4]] = raw[4:]
    log_name, log_id, _, _, log_key = keys["log"]
    witness_name, witness_id, _, _, witness_key = keys["witness"]
    stamped = signatures[witness_name, witness_id]
    cosigned = f"cosignature/v1\ntime {int.from_bytes(stamped[:8], 'big')}\n{text}".encode()
    return (text.split("\n") == [log_name, str(size), base64.b64encode(root).decode(), ""]
            and verified(log_key, text.encode(), signatures[log_name, log_id])
            and verified(witness_key, cosigned, stamped[8:]))


def handed_on(tree, size, proof, checkpoint):
    """Whether a proof that is handed on is what c2sp.org/tlog-proof says."""
    before, note = proof["file"].split("\n\n", 1)
    lines = before.split("\n")
    path = [base64.b64decode(line, validate=True) for line in lines[2:]]
    return (lines[:2] == ["c2sp.org/tlog-proof@v1", f"index {proof['index']}"] and note == checkpoint
            and path == tree.prove_inclusion(proof["index"] + 1, size).path[1:])


def judge_by_pymerkle(tree, size, root, each, keys):
    check(f"{size} leaves: pymerkle has the same root", tree.get_root(size) == root)
    paths = [(proof["index"], unhex(proof["path"])) for proof in each["inclusion"]]
    same = [tree.prove_inclusion(index + 1, size).path[1:] == path for index, path in paths]
    check(f"{size} leaves: {len(paths)} inclusion proofs are pymerkle's", same and all(same))
    accepted = [pymerkle_includes(tree, size, root, index, path) for index, path in paths]
    check(f"{size} leaves: pymerkle accepts them", all(accepted))
    spoilt = [pymerkle_includes(tree, size, root, index, bad) for index, path in paths for bad in flipped(path)]
    check(f"{size} leaves: pymerkle refuses {len(spoilt)} of them with a bit changed", not any(spoilt))
    leaves = [tree.get_leaf(index + 1) for index in range(size)]
    same = [subproof(proof["old"], leaves, True) == unhex(proof["path"]) for proof in each["consistency"]]
    check(f"{size} leaves: {len(same)} consistency proofs are those of RFC 6962", same and all(same))
    check(f"{size} leaves: log and witness signed the checkpoint", signed(each["checkpoint"], size, root, keys))
    files = [handed_on(tree, size, proof, each["checkpoint"]) for proof in each["inclusion"]]
    check(f"{size} leaves: the proofs to hand on say the same", all(files))


def judge_by_aics(tree, size, root, each, texts):
    """The same by aics-tlog, which implements c2sp.org's specifications and RFC 9162's verification."""
    def includes(index, path):
        return aics_tlog.verify_inclusion(tree.get_leaf(index + 1), index, size, path, root)

    def grew(old, path):
        return aics_tlog.verify_consistency(old, size, tree.get_root(old), root, path)

    for name, key, accepts in (("inclusion", "index", includes), ("consistency", "old", grew)):
        proofs = [(proof[key], unhex(proof["path"])) for proof in each[name]]
        check(f"{size} leaves: aics-tlog accepts {len(proofs)} {name} proofs", all(accepts(*proof) for proof in proofs))
        spoilt = [accepts(number, bad) for number, path in proofs for bad in flipped(path)]
        check(f"{size} leaves: aics-tlog refuses {len(spoilt)} of them with a bit changed", not any(spoilt))
    log, witness = (aics_tlog.parse_vkey(texts[who]) for who in ("log", "witness"))
    judged = aics_tlog.verify_checkpoint(
        aics_tlog.parse_note(each["checkpoint"]), log, [witness], 1, expected_origin=texts["log"].split("+")[0])
    check(f"{size} leaves: aics-tlog finds log and witness under the checkpoint",
          judged.ok and judged.cosignature_count == 1, judged)


def judge_static_files(entries, emitted):
    wanted = aics_tlog.tiles.materialise_tiles(entries)
    made = {path: bytes.fromhex(content) for path, content in {**emitted["tiles"], **emitted["bundles"]}.items()}
    differing = [path for path, content in wanted.items() if made.get(path) != content]
    check(f"{len(wanted)} tiles and bundles are aics-tlog's, byte for byte", wanted and not differing, differing)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--emit", help="the built example, instead of building it")
    arguments = parser.parse_args()
    command = [arguments.emit] if arguments.emit else EMIT
    emitted = json.loads(subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE).stdout)

    keys = {who: parse_key(text) for who, text in emitted["keys"].items()}
    check("the ids of the keys are the hashes of their names and bytes", all(k[1] == k[2] for k in keys.values()))
    check("the log signs with kind 1, the witness with kind 4", (keys["log"][3], keys["witness"][3]) == (1, 4))
    tree, entries = InmemoryTree(algorithm="sha256"), []
    for each in emitted["trees"]:
        size, root = each["size"], bytes.fromhex(each["root"])
        for number in range(len(entries), size):
            entries.append(f"entry {number}".encode())
            tree.append_entry(entries[-1])
        judge_by_pymerkle(tree, size, root, each, keys)
        if aics_tlog:
            judge_by_aics(tree, size, root, each, emitted["keys"])
    if aics_tlog:
        judge_static_files(entries, emitted)
    else:
        skip("aics-tlog accepts proofs, tiles and checkpoints", "it needs Python 3.12")
    done()


if __name__ == "__main__":
    main()
