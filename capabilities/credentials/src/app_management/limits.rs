//! What binds one holder.

use super::{
    APP_MANAGEMENT_POLICIES, AppManagementPolicy, DEFAULT_POLICY, DefaultAppManagementPolicy, Restriction,
    RestrictionType, Restrictions,
};
use crate::refusal::CredentialRefused;
use crate::{KeyCredential, PasswordCredential};
use signet_kernel::{Failure, ObjectId, Timestamp};
use signet_store::{Id, TenantStore};
use signet_tenants::Tenant;
use std::time::Duration;

/// The restrictions in force for one application or blueprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(Vec<Restriction>);

/// Every type that can be in force, and says something here.
const TYPES: [RestrictionType; 3] =
    [RestrictionType::PasswordAddition, RestrictionType::PasswordLifetime, RestrictionType::AsymmetricKeyLifetime];

impl Limits {
    /// Those of a holder that was created at that time: restriction by restriction the assigned policy's, else the
    /// tenant's.
    pub fn of_policies(assigned: &[Restrictions], tenant: Option<&Restrictions>, created: Timestamp) -> Self {
        let of_type = |kind: RestrictionType| {
            let first = assigned.iter().find_map(|restrictions| restrictions.find(kind));
            first.or_else(|| tenant.and_then(|restrictions| restrictions.find(kind)))
        };
        Self(TYPES.into_iter().filter_map(of_type).filter(|one| one.binds(created)).cloned().collect())
    }

    /// Those of a stored holder; of one that is not stored yet, those of an application that is created now.
    pub async fn of(store: &TenantStore, holder: ObjectId) -> Result<Self, Failure> {
        let assigned = assigned(store, holder).await?;
        let tenant = of_tenant(store).await?;
        if assigned.is_empty() && tenant.is_none() {
            return Ok(Self::default());
        }
        let row = store.read_row(holder).await?;
        let created = row.map_or_else(|| store.context().now(), |row| row.created);
        Ok(Self::of_policies(&assigned, tenant.as_ref(), created))
    }

    fn find(&self, kind: RestrictionType) -> Option<&Restriction> {
        self.0.iter().find(|one| one.restriction_type == kind)
    }

    fn longest(&self, kind: RestrictionType) -> Option<(Duration, &str)> {
        let lifetime = self.find(kind)?.max_lifetime.as_ref()?;
        Some((lifetime.duration(), lifetime.as_str()))
    }

    /// How long a secret lives if nobody says, where that is less than usual.
    pub fn usual_password_lifetime(&self, usual: Duration) -> Duration {
        self.longest(RestrictionType::PasswordLifetime).map_or(usual, |(longest, _)| longest.min(usual))
    }

    /// Refuses what `after` has that `before` had not, where it is not allowed or lives too long.
    pub fn check(
        &self,
        before: (&[PasswordCredential], &[KeyCredential]),
        after: (&[PasswordCredential], &[KeyCredential]),
    ) -> Result<(), CredentialRefused> {
        let new = |password: &&PasswordCredential| !before.0.iter().any(|held| held.key_id == password.key_id);
        for password in after.0.iter().filter(new) {
            if self.find(RestrictionType::PasswordAddition).is_some() {
                return Err(CredentialRefused::TypeNotAllowed(
                    "secrets",
                    "use a certificate or a federated credential",
                ));
            }
            let longest = self.longest(RestrictionType::PasswordLifetime);
            check_lifetime(longest, password.start_date_time, password.end_date_time)?;
        }
        let new = |key: &&KeyCredential| !before.1.iter().any(|held| held.key_id == key.key_id);
        for key in after.1.iter().filter(new) {
            let longest = self.longest(RestrictionType::AsymmetricKeyLifetime);
            check_lifetime(longest, key.start_date_time, key.end_date_time)?;
        }
        Ok(())
    }
}

fn check_lifetime(
    longest: Option<(Duration, &str)>,
    start: Timestamp,
    end: Timestamp,
) -> Result<(), CredentialRefused> {
    match longest {
        Some((longest, text)) if end.since(start) > longest => {
            Err(CredentialRefused::LifetimeNotAllowed(text.to_owned(), start.plus(longest)))
        }
        _ => Ok(()),
    }
}

async fn assigned(store: &TenantStore, holder: ObjectId) -> Result<Vec<Restrictions>, Failure> {
    let links = store.links_from(holder, APP_MANAGEMENT_POLICIES).await?;
    let mut restrictions = Vec::new();
    for link in &links.links {
        let policy = store.find(Id::<AppManagementPolicy>::of(link.target)).await?;
        restrictions
            .extend(policy.filter(|policy| policy.body.is_enabled).map(|policy| policy.body.restrictions.clone()));
    }
    Ok(restrictions)
}

async fn of_tenant(store: &TenantStore) -> Result<Option<Restrictions>, Failure> {
    let Some(tenant) = store.find(Tenant::id(store.id())).await? else { return Ok(None) };
    let Some(policy) = tenant.body.other.get(DEFAULT_POLICY) else { return Ok(None) };
    // INVARIANT: what cannot be read was not written here; a policy that is not understood stops additions.
    let policy: DefaultAppManagementPolicy = serde_json::from_value(policy.clone()).map_err(Failure::bug)?;
    Ok(policy.is_enabled.then_some(policy.application_restrictions))
}
