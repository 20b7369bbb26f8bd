//! Where pairs come from.

use signet_jose::{Algorithm, Signer};
use signet_signing_keys::{KeyPairs, RsaPool};

#[test]
fn no_pair_is_given_twice() {
    let pool = RsaPool::start(1).unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let (one, other) = (pool.take(algorithm).unwrap(), pool.take(algorithm).unwrap());
        assert_ne!(one.kid(), other.kid());
        assert_eq!(one.algorithm(), algorithm);
    }
}
