//! JSON Web Keys, signatures and tokens (RFC 7515, 7517, 7518, 7519, 7638, 8037, 8725), strict to read and quick to
//! mint. Cryptography is aws-lc's; this crate decides what it is asked.
//!
//! Words: a [`PublicKey`] verifies; a [`Jwk`] is one with its published id, a [`JwkSet`] what an issuer publishes; a
//! [`Signer`] signs and a [`SigningKey`] is one in memory; an [`Encoder`] mints tokens of one kind with one signer.
//!
//! Invariants:
//! - [`UnverifiedJws`] yields only hints for finding the key. [`VerifiedJws`], and with it [`Claims`], is made by
//!   [`UnverifiedJws::verify`] alone, which takes the key, the algorithms and the kinds from the verifier.
//! - One text for each value: base64url without stray bits, JSON without duplicate members. The signature covers the
//!   text as received.
//! - A [`PublicKey`] is never too weak to be trusted, and a key published for one algorithm verifies no other.
//!
//! Start with [`UnverifiedJws::parse`] to read, [`Encoder::encode`] to mint.
//!
//! Deliberately absent: HMAC and `none`, encryption (JWE), `crit` extensions, detached and unencoded payloads, keys
//! taken from a token's own header, I/O and clocks. Who is trusted for what is decided by the caller.

mod algorithm;
mod claims;
mod encoder;
mod encoding;
mod header;
mod json;
mod jwk;
mod jwk_set;
mod jws;
mod key;
mod signing;
mod typ;

pub use algorithm::{Algorithm, UnsupportedAlgorithm};
pub use claims::{Claims, ClaimsError, Validity, ValidityError};
pub use encoder::{EncodeError, Encoder};
pub use encoding::Padding;
pub use header::Header;
pub use jwk::{Jwk, JwkError};
pub use jwk_set::{JwkSet, JwkSetError};
pub use jws::{ClaimedIdentity, JwsError, ReadOptions, UnverifiedJws, VerifiedJws};
pub use key::{KeyError, PublicKey, SignatureInvalid};
pub use signing::{Signer, SigningFailed, SigningKey};
pub use typ::TypRule;
