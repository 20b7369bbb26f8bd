//! Proof that a client holds a certificate's key: a token that it signed itself, as `addKey` and `removeKey` ask.

use crate::refusal::CredentialRefused;
use crate::{Holder, KeyCredential};
use signet_jose::{Algorithm, Claims, Padding, PublicKey, ReadOptions, TypRule, UnverifiedJws, Validity, VerifiedJws};
use signet_kernel::Timestamp;
use signet_store::Object;
use std::time::Duration;

/// The audience that Microsoft documents for these proofs, whatever the deployment.
const AUDIENCE: &str = "00000002-0000-0000-c000-000000000000";
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256];
const TYPES: TypRule = TypRule::or_absent(&["JWT"]);
const READ: ReadOptions = ReadOptions { max_bytes: 16 * 1024, padding: Padding::Tolerated };
const LEEWAY: Duration = Duration::from_secs(60);
const LONGEST_LIFETIME: Duration = Duration::from_mins(10);

/// Checks that `proof` was signed with a certificate that `holder` has now, about itself, for this purpose.
pub(crate) fn check_proof<H: Holder>(holder: &Object<H>, proof: &str, now: Timestamp) -> Result<(), CredentialRefused> {
    let token = UnverifiedJws::parse(proof, READ)?;
    let claims = signed_by_one_of(holder.body.certificates(), &token, now)?.claims()?;
    check_parties(&claims, &holder.id.to_string())?;
    check_time(&claims, now)
}

fn signed_by_one_of<'t>(
    held: &[KeyCredential],
    token: &'t UnverifiedJws<'_>,
    now: Timestamp,
) -> Result<VerifiedJws<'t>, CredentialRefused> {
    let mut refusal = refused("it holds no certificate that is valid now.");
    for certificate in held.iter().filter(|certificate| certificate.is_current(now)) {
        let Some(key) = certificate.public_key_info().and_then(|info| PublicKey::from_spki(&info).ok()) else {
            continue;
        };
        match token.verify(&key, &ALGORITHMS, &TYPES) {
            Ok(verified) => return Ok(verified),
            Err(error) => refusal = error.into(),
        }
    }
    Err(refusal)
}

fn check_parties(claims: &Claims, holder: &str) -> Result<(), CredentialRefused> {
    if claims.audience != [AUDIENCE] {
        return Err(CredentialRefused::Proof(format!("its `aud` must be \"{AUDIENCE}\".")));
    }
    if !claims.issuer.as_deref().is_some_and(|issuer| issuer.eq_ignore_ascii_case(holder)) {
        return Err(refused("its `iss` must be the object id of the application."));
    }
    Ok(())
}

fn check_time(claims: &Claims, now: Timestamp) -> Result<(), CredentialRefused> {
    let validity = Validity { now, leeway: LEEWAY };
    validity.check(claims).map_err(|error| CredentialRefused::Proof(format!("{error}.")))?;
    let (Some(begins), Some(expires)) = (claims.not_before, claims.expires) else {
        return Err(refused("it must have `nbf` and `exp`."));
    };
    if expires.since(begins) > LONGEST_LIFETIME {
        return Err(refused("it must expire within 10 minutes of its `nbf`."));
    }
    Ok(())
}

fn refused(reason: &str) -> CredentialRefused {
    CredentialRefused::Proof(reason.to_owned())
}
