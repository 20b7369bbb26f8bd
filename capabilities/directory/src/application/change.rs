//! Making and changing an application, wherever it lies: in an application object or in a blueprint.

use super::{Application, roles, rules, scopes};
use crate::body::{JsonMap, bad_request, members, patched, typed};
use crate::creation::sign;
use crate::responsibility::{Thing, audited, changes, target};
use serde_json::Value;
use signet_alerts::Raised;
use signet_credentials::app_management::Limits;
use signet_credentials::approval::{AskedChange, ChangeKind, admit};
use signet_credentials::trail::keys_changed;
use signet_credentials::{
    Described, Holder, KeyCredential, KeyEntry, Means, OwnAddresses, check_authority, claim_certificates,
    replace_certificates,
};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId, Timestamp};
use signet_logs::audit::activities::UPDATE_APPLICATION;
use signet_store::UnitOfWork;

/// An application as it is about to be, and what the change means for tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationChange {
    /// As it is about to be.
    pub application: Application,
    effect: Effect,
}

/// What a change means for tokens issued so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing.
    None,
    /// Those under something that is gone are void: a credential, a role.
    SomeAreVoid,
    /// All are void: it was switched off.
    AllAreVoid,
}

impl ApplicationChange {
    /// Has `unit` void what the change to the object `id` voids.
    pub fn void_tokens(&self, unit: &mut UnitOfWork, id: ObjectId) {
        match self.effect {
            Effect::None => {}
            Effect::SomeAreVoid => drop(unit.raise_revocation()),
            Effect::AllAreVoid => drop(unit.revoke(id)),
        }
    }
}

impl Application {
    /// A new application of the members of a create, to be kept under `id`.
    pub async fn create(call: &Call, own: &OwnAddresses, id: ObjectId, mut body: JsonMap) -> Result<Self, Failure> {
        body.retain(|_, value| !value.is_null());
        let certificates = take_certificates(&mut body)?.unwrap_or_default();
        body.insert("appId".to_owned(), call.store.context().new_app_id().to_string().into());
        sign(&mut body, &call.caller);
        body.insert("createdByAppId".to_owned(), call.caller.app.to_string().into());
        body.entry("signInAudience").or_insert(Self::MY_ORGANISATION.into());
        let mut application: Self = typed(body)?;
        application.key_credentials = replace_certificates(&[], &certificates, call.store.context())?;
        rules::check(&application, None, call.store.id(), own)?;
        claim_certificates(&call.store, id, &mut application.key_credentials).await?;
        check_new(call, id, &[], &application).await?;
        Ok(application)
    }

    /// This application, of `thing`, with `patch` written over it.
    pub async fn change(
        &self,
        call: &Call,
        own: &OwnAddresses,
        thing: &Thing,
        mut patch: JsonMap,
    ) -> Result<ApplicationChange, Failure> {
        let certificates = take_certificates(&mut patch)?;
        let mut application = patched(self, patch)?;
        if let Some(wanted) = certificates {
            check_authority(&call.caller, thing, Means::Permission)?;
            application.key_credentials = replace_certificates(&self.key_credentials, &wanted, call.store.context())?;
        }
        rules::check(&application, Some(self), call.store.id(), own)?;
        claim_certificates(&call.store, thing.id, &mut application.key_credentials).await?;
        check_new(call, thing.id, &self.key_credentials, &application).await?;
        let effect = self.effect_of_becoming(&application);
        Ok(ApplicationChange { application, effect })
    }

    fn effect_of_becoming(&self, next: &Self) -> Effect {
        if next.is_disabled && !self.is_disabled {
            return Effect::AllAreVoid;
        }
        let held = |id| next.key_credentials.iter().any(|certificate| certificate.key_id == id);
        let loses_certificate = self.key_credentials.iter().any(|certificate| !held(certificate.key_id));
        let (old, new) = (&self.api.oauth2_permission_scopes, &next.api.oauth2_permission_scopes);
        let narrowed = roles::are_narrowed(&self.app_roles, &next.app_roles) || scopes::are_narrowed(old, new);
        if loses_certificate || narrowed {
            return Effect::SomeAreVoid;
        }
        Effect::None
    }
}

/// Refuses new certificates that an app management policy forbids.
async fn check_new(call: &Call, id: ObjectId, held: &[KeyCredential], next: &Application) -> Result<(), Failure> {
    if held == next.key_credentials {
        return Ok(());
    }
    let limits = Limits::of(&call.store, id).await?;
    Ok(limits.check((&next.password_credentials, held), (&next.password_credentials, &next.key_credentials))?)
}

/// Takes `keyCredentials` out of a body. Secrets never come this way.
fn take_certificates(body: &mut JsonMap) -> Result<Option<Vec<KeyEntry>>, Failure> {
    if body.contains_key("passwordCredentials") {
        let message = "Secrets are added with addPassword and removed with removePassword; leave them out here.";
        return Err(bad_request("passwordCredentials", message));
    }
    let entries = match body.shift_remove("keyCredentials") {
        None => return Ok(None),
        Some(Value::Null) => return Ok(Some(Vec::new())),
        Some(entries) => serde_json::from_value(entries),
    };
    entries.map(Some).map_err(|error| {
        bad_request("keyCredentials", format!("'keyCredentials' is not a list of certificates: {error}."))
    })
}

/// What is asked for, without what the server chooses anew each time.
fn described(certificates: &[KeyCredential]) -> Vec<(&str, Option<&str>, Timestamp)> {
    certificates.iter().map(|one| (one.key.as_str(), one.display_name.as_deref(), one.end_date_time)).collect()
}

/// Adds to `unit` what the audit trail says of a change: of its properties, of its credentials, or of both. A change of
/// a blueprint's certificates raises an alert, to be told once the unit is committed, and may need a second approver.
pub async fn audit_change<H: Holder + Described>(
    call: &Call,
    unit: &mut UnitOfWork,
    thing: &Thing,
    before: &H,
    after: &H,
) -> Result<Option<Raised>, Failure> {
    let keys = before.certificates() != after.certificates();
    let mut raised = None;
    if keys {
        let asked = AskedChange::new(ChangeKind::ReplaceKeys, described(after.certificates()));
        raised = admit(call, unit, thing, &asked).await?;
        unit.audit(keys_changed(call, thing, before, after).await?);
    }
    let without_keys = |body: &H| {
        let mut members = members(body);
        members.shift_remove("keyCredentials");
        members
    };
    let (old, new) = (without_keys(before), without_keys(after));
    if !keys || old != new {
        let target = target(call, thing).await?.with_modified(changes(Some(&old), Some(&new)));
        unit.audit(audited(call, &UPDATE_APPLICATION, vec![target]));
    }
    Ok(raised)
}
