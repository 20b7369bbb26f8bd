//! The application permissions that the directory API defines.

use aws_lc_rs::digest::{SHA256, digest};
use signet_directory::AppRole;
use signet_kernel::ObjectId;
use std::sync::LazyLock;
use uuid::{Builder, Uuid};

/// `AgentIdentity.CreateAsManager`: held by every blueprint principal without a grant; cannot be revoked.
pub const CREATE_AS_MANAGER: &str = "AgentIdentity.CreateAsManager";

/// Name, what it allows, and the id where the vendor published one.
#[rustfmt::skip]
const PERMISSIONS: &[(&str, &str, Option<u128>)] = &[
    ("AgentIdUser.ReadWrite.All", "Read and write agent users", Some(0xb782c9ad_6f2b_4894_a21b_72bf22417f0a)),
    ("AgentIdUser.ReadWrite.IdentityParentedBy", "Read and write the agent users of the caller's own agent identities", Some(0x4aa6e624_eee0_40ab_bdd8_f9639038a614)),
    ("AgentIdentity.Create.All", "Create agent identities under any blueprint", Some(0xad25cc1d_84d8_47df_a08e_b34c2e800819)),
    (CREATE_AS_MANAGER, "Create and read agent identities of the caller's own blueprint", Some(0x4c390976_b2b7_42e0_9187_c6be3bead001)),
    ("AgentIdentity.DeleteRestore.All", "Delete and restore agent identities", Some(0x5b016f9b_18eb_41d4_869a_66931914d1c8)),
    ("AgentIdentity.EnableDisable.All", "Enable and disable agent identities", Some(0x69ee0943_4fa4_4ec8_8e52_d12e4ea661a3)),
    ("AgentIdentity.Read.All", "Read agent identities", Some(0xb2b8f011_2898_4234_9092_5059f6c1ebfa)),
    ("AgentIdentity.ReadWrite.All", "Read and write agent identities", Some(0xdcf7150a_88d4_4fe6_9be1_c2744c455397)),
    ("AgentIdentity.UpdateSponsors.All", "Change the sponsors of agent identities", None),
    ("AgentIdentityBlueprint.AddRemoveCreds.All", "Change the credentials of blueprints", Some(0x0510736e_bdfb_4b37_9a1f_89b4a074763a)),
    ("AgentIdentityBlueprint.Create", "Create blueprints", Some(0xea4b2453_ad2d_4d94_9155_10d5d9493ce9)),
    ("AgentIdentityBlueprint.DeleteRestore.All", "Delete and restore blueprints", Some(0x3f80b699_6405_4e36_a4df_4f19950ff91e)),
    ("AgentIdentityBlueprint.Read.All", "Read blueprints", Some(0x7547a7d1_36fa_4479_9c31_559a600eaa4f)),
    ("AgentIdentityBlueprint.ReadWrite.All", "Read and write blueprints", Some(0x7fddd33b_d884_4ec0_8696_72cff90ff825)),
    ("AgentIdentityBlueprint.UpdateAuthProperties.All", "Change how blueprints authenticate and what they pass on", None),
    ("AgentIdentityBlueprint.UpdateBranding.All", "Change names and descriptions of blueprints", Some(0x76232daa_a1e4_4544_b664_495a006513bf)),
    ("AgentIdentityBlueprint.UpdateSponsors.All", "Change the sponsors of blueprints", None),
    ("AgentIdentityBlueprintPrincipal.Create", "Create blueprint principals", Some(0x8959696d_d07e_4916_9b1e_3ba9ce459161)),
    ("AgentIdentityBlueprintPrincipal.DeleteRestore.All", "Delete and restore blueprint principals", Some(0xf86a2dd8_9298_4675_bd78_f5a3572da2d7)),
    ("AgentIdentityBlueprintPrincipal.EnableDisable.All", "Enable and disable blueprint principals", Some(0xa0bdd23d_8b19_4682_b428_574d96527c6f)),
    ("AgentIdentityBlueprintPrincipal.Read.All", "Read blueprint principals", Some(0x9361dea9_4524_493d_941d_f1b65aaf6c7c)),
    ("AgentIdentityBlueprintPrincipal.ReadWrite.All", "Read and write blueprint principals", Some(0x3bc933bc_8b4d_4cb6_ac49_b73774299250)),
    ("AppRoleAssignment.ReadWrite.All", "Assign app roles", Some(0x06b708a9_e830_4db3_a914_8e69da51d44f)),
    ("Application.Read.All", "Read applications and service principals", Some(0x9a5d68dd_52b0_4cc2_bd40_abcf44ac3a30)),
    ("Application.ReadWrite.All", "Read and write applications and service principals", Some(0x1bfefb4e_e0b5_418b_a88f_73c46d2cc8e9)),
    ("AuditLog.Read.All", "Read sign-ins and directory audits", Some(0xb0afded3_3588_46d8_8b3d_9842eff778da)),
    ("DelegatedPermissionGrant.Read.All", "Read delegated permission grants", Some(0x81b4724a_58aa_41c1_8a55_84ef97466587)),
    ("DelegatedPermissionGrant.ReadWrite.All", "Grant and take away delegated permissions", Some(0x8e8e4742_1d95_4f68_9d56_6ee75648c72a)),
    ("Directory.Read.All", "Read the directory", Some(0x7ab1d382_f21e_4acd_a863_ba3e13f7da61)),
    ("LogRetention.Read.All", "Read how long logs are kept, and what is held for a case", None),
    ("LogRetention.ReadWrite.All", "Say how long logs are kept, and set and release legal holds", None),
    ("User.Read.All", "Read people", Some(0xdf021288_bdef_4463_88db_98f22de89214)),
    ("User.ReadWrite.All", "Read and write people", Some(0x741f803b_c850_494e_b5df_cde7c675a1ca)),
];

/// The directory API's app roles, in the order of their names.
pub fn directory_roles() -> &'static [AppRole] {
    static ROLES: LazyLock<Vec<AppRole>> = LazyLock::new(|| {
        let mut all: Vec<_> = PERMISSIONS
            .iter()
            .chain(signet_directory::permissions::PERMISSIONS)
            .chain(signet_policies::PERMISSIONS)
            .chain(signet_alerts::PERMISSIONS)
            .collect();
        all.sort_unstable_by_key(|(name, _, _)| *name);
        all.into_iter().map(role).collect()
    });
    &ROLES
}

/// The id of the directory API's app role of this name.
pub fn role_id(value: &str) -> Option<Uuid> {
    directory_roles().iter().find(|role| role.value.as_deref() == Some(value)).map(|role| role.id)
}

/// The id of the permission that every blueprint principal holds by being one.
pub fn inherent_role() -> Option<Uuid> {
    role_id(CREATE_AS_MANAGER)
}

/// What makes a UUIDv7 a UUIDv8 (RFC 9562 5.8) that no object has, and the other way round.
const INHERENT: u128 = 0x5369_676e_6574_f000_0043_7265_6174_6573;

/// The id under which that permission shows among a blueprint principal's assignments, where it is stored nowhere.
pub(crate) fn inherent_assignment_id(principal: ObjectId) -> ObjectId {
    ObjectId::from_uuid(Uuid::from_u128(principal.uuid().as_u128() ^ INHERENT))
}

/// The principal whose permission would show under this id.
pub(crate) fn inherent_assignee(assignment: ObjectId) -> ObjectId {
    inherent_assignment_id(assignment)
}

fn role((value, description, published): &(&str, &str, Option<u128>)) -> AppRole {
    AppRole {
        id: published.map_or_else(|| derived_id(&format!("signet.directory.appRole/{value}")), Uuid::from_u128),
        allowed_member_types: vec!["Application".to_owned()],
        display_name: Some((*description).to_owned()),
        description: Some((*description).to_owned()),
        is_enabled: true,
        value: Some((*value).to_owned()),
    }
}

/// Where nobody chose an id: a UUIDv8 (RFC 9562 5.8) of the name, the same in every deployment.
pub(crate) fn derived_id(name: &str) -> Uuid {
    let hash = digest(&SHA256, name.as_bytes());
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_sorted_and_ids_differ() {
        let names: Vec<_> = directory_roles().iter().filter_map(|role| role.value.as_deref()).collect();
        assert!(names.is_sorted());
        let ids: BTreeSet<_> = directory_roles().iter().map(|role| role.id).collect();
        assert_eq!(ids.len(), names.len());
        let principal = ObjectId::from_uuid(Uuid::from_u128(0x0199_a4b0_0000_7000_8000_0000_0000_0001));
        let shown = inherent_assignment_id(principal);
        assert_eq!((shown.uuid().get_version_num(), inherent_assignee(shown)), (8, principal));
        assert_eq!(role_id(CREATE_AS_MANAGER).unwrap().to_string(), "4c390976-b2b7-42e0-9187-c6be3bead001");
    }
}
