//! Gives a holder a new secret, and shows it this once.

use super::{held, load, tell};
use crate::app_management::Limits;
use crate::approval::{AskedChange, ChangeKind, admit};
use crate::authority::{Means, check_authority};
use crate::holder::MOST_KEYS;
use crate::refusal::CredentialRefused;
use crate::{Described, Holder, NewPassword, PasswordCredential, Thing, trail};
use signet_alerts::Raised;
use signet_graph::Call;
use signet_kernel::{ClientSecret, Failure, ObjectId};
use signet_store::UnitOfWork;

/// Adds a secret to `holder`. The text is in the answer and nowhere else.
pub async fn add_password<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    new: &NewPassword,
) -> Result<(PasswordCredential, ClientSecret), Failure> {
    let ((made, raised), _) = call.store.run(|| attempt::<H>(call, holder, new)).await?;
    tell(raised);
    Ok(made)
}

async fn attempt<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    new: &NewPassword,
) -> Result<(UnitOfWork, ((PasswordCredential, ClientSecret), Option<Raised>)), Failure> {
    let holder = load::<H>(&call.store, holder).await?;
    let thing = Thing::of(&holder);
    check_authority(&call.caller, &thing, Means::Permission)?;
    if holder.body.passwords().len() >= MOST_KEYS {
        return Err(CredentialRefused::Full(MOST_KEYS, "secrets").into());
    }
    let limits = Limits::of(&call.store, thing.id).await?;
    let usual = limits.usual_password_lifetime(PasswordCredential::USUAL);
    let (password, secret) = new.usually(usual, call.store.context().now()).make(call.store.context())?;
    let mut body = holder.body.clone();
    body.passwords_mut().push(password.clone());
    limits.check(held(&holder.body), held(&body))?;

    let mut unit = call.store.unit();
    unit.update(&holder, &body);
    unit.audit(trail::keys_changed(call, &thing, &holder.body, &body).await?);
    let raised = admit(call, &mut unit, &thing, &AskedChange::new(ChangeKind::AddPassword, new)).await?;
    Ok((unit, ((password, secret), raised)))
}
