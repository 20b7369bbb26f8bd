//! Relations that are read from their other end, or through others: computed when asked, kept nowhere.

use crate::creation::created_by;
use crate::membership;
use crate::responsibility::{MANAGER, OWNERS, SPONSORS};
use async_trait::async_trait;
use signet_graph::{Call, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::LinkSet;

/// A relation that no `$ref` changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Computed {
    /// Who reports to a person.
    DirectReports,
    /// What somebody answers for.
    SponsorOf,
    /// What a principal may change because it owns it.
    OwnedObjects,
    /// What a principal created.
    CreatedObjects,
    /// The groups and administrative units that an object belongs to directly.
    MemberOf,
    /// The same, also through groups.
    TransitiveMemberOf,
    /// Who belongs to a group, also through groups in it.
    TransitiveMembers,
}

impl Computed {
    /// These relations, to hang off a type.
    pub fn boxed<const N: usize>(relations: [Self; N]) -> impl Iterator<Item = Box<dyn Relation>> {
        relations.into_iter().map(|relation| Box::new(relation) as Box<dyn Relation>)
    }
}

#[async_trait]
impl Relation for Computed {
    fn name(&self) -> &'static str {
        match self {
            Self::DirectReports => "directReports",
            Self::SponsorOf => "sponsorOf",
            Self::OwnedObjects => "ownedObjects",
            Self::CreatedObjects => "createdObjects",
            Self::MemberOf => "memberOf",
            Self::TransitiveMemberOf => "transitiveMemberOf",
            Self::TransitiveMembers => "transitiveMembers",
        }
    }

    fn read_only(&self) -> bool {
        true
    }

    async fn ends(&self, call: &Call, of: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        let store = &call.store;
        let sources = |links: &LinkSet| links.links.iter().map(|link| link.source).collect();
        match self {
            Self::DirectReports => Ok(sources(&*store.links_to(of, MANAGER).await?)),
            Self::SponsorOf => Ok(sources(&*store.links_to(of, SPONSORS).await?)),
            Self::OwnedObjects => Ok(sources(&*store.links_to(of, OWNERS).await?)),
            Self::CreatedObjects => created_by(store, of).await,
            Self::MemberOf => membership::member_of(store, of).await,
            Self::TransitiveMemberOf => membership::transitive_member_of(store, of).await,
            Self::TransitiveMembers => membership::transitive_members(store, of).await,
        }
    }
}
