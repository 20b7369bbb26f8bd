//! The delegated permissions that the directory API defines: those of its application permissions that somebody may
//! hold for people, and those that agents never hold, so that asking for one is understood and refused.

use crate::blocked::BLOCKED_SCOPES;
use crate::catalogue::{CREATE_AS_MANAGER, derived_id, directory_roles};
use signet_directory::PermissionScope;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use uuid::Uuid;

/// Ids that the vendor published, in the order of names.
#[rustfmt::skip]
const PUBLISHED: &[(&str, u128)] = &[
    ("AdministrativeUnit.Read.All", 0x3361d15d_be43_4de6_b441_3c746d05163d),
    ("AdministrativeUnit.ReadWrite.All", 0x7b8a2d34_6b3f_4542_a343_54651608ad81),
    ("AgentIdUser.ReadWrite.All", 0xad57fb88_4658_4fd6_ab7d_e43184b08e4e),
    ("AgentIdUser.ReadWrite.IdentityParentedBy", 0x52a417d9_0b3c_4466_9a3b_66960de73d74),
    ("AgentIdentity.Create.All", 0xe75eeac6_d759_4ba3_ae5c_773a27efafba),
    ("AgentIdentity.DeleteRestore.All", 0xc8ee41e5_35e7_4fe9_8ecb_93493adcac5b),
    ("AgentIdentity.EnableDisable.All", 0xa501206a_e364_4a3f_be6e_765806d0e323),
    ("AgentIdentity.Read.All", 0x5e850691_d86a_4b24_bfa6_8a52fb37a0c1),
    ("AgentIdentity.ReadWrite.All", 0x4a4facd5_0ee1_49b7_a5b2_fdcc2491685e),
    ("AgentIdentityBlueprint.AddRemoveCreds.All", 0x75b5feb2_bfe7_423f_907d_cc505186f246),
    ("AgentIdentityBlueprint.Create", 0x8fc15edd_ba24_494e_9bf6_d38e1b7ba8fd),
    ("AgentIdentityBlueprint.DeleteRestore.All", 0xf12ba1f6_afb7_4685_9a30_21e8c3f551d8),
    ("AgentIdentityBlueprint.Read.All", 0x26512dc8_1364_4e9f_867c_6d8b22a9e162),
    ("AgentIdentityBlueprint.ReadWrite.All", 0x4fd490fc_1467_48eb_8a4c_421597ab0402),
    ("AgentIdentityBlueprint.UpdateBranding.All", 0x60960e31_67cb_4d25_9d36_4922109923a2),
    ("AgentIdentityBlueprintPrincipal.Create", 0x00dcd896_6b23_42ce_b5de_c58493c05e22),
    ("AgentIdentityBlueprintPrincipal.DeleteRestore.All", 0x2c70023e_a482_4af2_9ff1_51ded53e6bad),
    ("AgentIdentityBlueprintPrincipal.EnableDisable.All", 0xe7475e0a_9f02_43e2_a250_5c2ea74ccd0e),
    ("AgentIdentityBlueprintPrincipal.Read.All", 0x88c856a2_de61_4632_b2d4_ac503cbc8dd2),
    ("AgentIdentityBlueprintPrincipal.ReadWrite.All", 0xbf2cad6a_9082_438a_9a63_95fa2687af65),
    ("AppRoleAssignment.ReadWrite.All", 0x84bccea3_f856_4a8a_967b_dbe0a3d53a64),
    ("Application.Read.All", 0xc79f8feb_a9db_4090_85f9_90d820caa0eb),
    ("Application.ReadWrite.All", 0xbdfbf15f_ee85_4955_8675_146e8e5296b5),
    ("AuditLog.Read.All", 0xe4c9e354_4dc5_45b8_9e7c_e1393b0b1a20),
    ("CustomDetection.Read.All", 0xb13ff42e_f321_4d7d_a462_141c46a1b832),
    ("CustomDetection.ReadWrite.All", 0xc34088fb_0649_4714_af0b_bcbfec155897),
    ("CustomSecAttributeAssignment.Read.All", 0xb46ffa80_fe3d_4822_9a1a_c200932d54d0),
    ("CustomSecAttributeAssignment.ReadWrite.All", 0xca46335e_8453_47cd_a001_8459884efeae),
    ("CustomSecAttributeDefinition.Read.All", 0xce026878_a0ff_4745_a728_d4fedd086c07),
    ("CustomSecAttributeDefinition.ReadWrite.All", 0x8b0160d4_5743_482b_bb27_efc0a485ca4a),
    ("DelegatedPermissionGrant.Read.All", 0xa197cdc4_a8e8_4d49_9d35_4ca7c83887b4),
    ("DelegatedPermissionGrant.ReadWrite.All", 0x41ce6ca6_6826_4807_84f1_1c82854f7ee5),
    ("Directory.AccessAsUser.All", 0x0e263e50_5827_48a4_b97c_d940288653c7),
    ("Directory.Read.All", 0x06da0dbc_49e2_44d2_8312_53f166ab848a),
    ("Directory.ReadWrite.All", 0xc5366453_9fb0_48a5_a156_24f0c49a4b84),
    ("Directory.Write.Restricted", 0xcba5390f_ed6a_4b7f_b657_0efc2210ed20),
    ("Domain.ReadWrite.All", 0x0b5d694c_a244_4bde_86e6_eb5cd07730fe),
    ("Group.Read.All", 0x5f8c59db_677d_491f_a6b8_5f174b11ec1d),
    ("Group.ReadWrite.All", 0x4e46008b_f24c_477d_8fff_7bb4ec7aafe0),
    ("GroupMember.Read.All", 0xbc024368_1153_4739_b217_4326f2e966d0),
    ("GroupMember.ReadWrite.All", 0xf81125ac_d3b7_4573_a3b2_7099cc39df9e),
    ("Member.Read.Hidden", 0xf6a3db3e_f7e8_4ed2_a414_557c8c9830be),
    ("Organization.Read.All", 0x4908d5b9_3fb2_4b1e_9336_1888b7937185),
    ("Organization.ReadWrite.All", 0x46ca0847_7e6b_426e_9775_ea810a948356),
    ("Policy.Read.All", 0x572fea84_0151_49b2_9301_11cb16974376),
    ("Policy.Read.PermissionGrant", 0x414de6ea_2d92_462f_b120_6e2a809a6d01),
    ("Policy.ReadWrite.ApplicationConfiguration", 0xb27add92_efb2_4f16_84f5_8108ba77985c),
    ("Policy.ReadWrite.Authorization", 0xedd3c878_b384_41fd_95ad_e7407dd775be),
    ("Policy.ReadWrite.PermissionGrant", 0x2672f8bb_fd5e_42e0_85e1_ec764dd2614e),
    ("RoleManagement.Read.All", 0x48fec646_b2ba_4019_8681_8eb31435aded),
    ("RoleManagement.Read.Directory", 0x741c54c3_0c1e_44a1_818b_3f97ab4e8c83),
    ("RoleManagement.ReadWrite.Directory", 0xd01b97e9_cbc0_49fe_810a_750afd5527a3),
    ("SecurityEvents.Read.All", 0x64733abd_851e_478a_bffb_e47a14b18235),
    ("SecurityEvents.ReadWrite.All", 0x6aedf524_7e1c_45a7_bd76_ded8cab8d0fc),
    ("User.Read.All", 0xa154be20_db9c_4678_8ab7_66f6cc099a59),
    ("User.ReadWrite.All", 0x204e0828_b5ca_4ad8_b9f3_f32a958e7cc4),
    ("UserAuthenticationMethod.Read.All", 0xaec28ec7_4d02_4e8c_b864_50163aea77eb),
    ("UserAuthenticationMethod.ReadWrite.All", 0xb7887744_6746_4312_813d_72daeaee7e2d),
];

/// The directory API's scopes, in the order of their names. All of them reach further than a person alone may allow.
pub fn directory_scopes() -> &'static [PermissionScope] {
    static SCOPES: LazyLock<Vec<PermissionScope>> = LazyLock::new(|| {
        let held = directory_roles().iter().filter_map(|role| role.value.as_deref().zip(role.description.as_deref()));
        // SPEC: entra.md 1.9: this one is an application permission alone.
        let mut all: BTreeMap<&str, &str> = held.filter(|(value, _)| *value != CREATE_AS_MANAGER).collect();
        for value in BLOCKED_SCOPES {
            all.entry(value).or_insert("Never held by agents, whoever consents");
        }
        all.into_iter().map(|(value, description)| scope(value, description)).collect()
    });
    &SCOPES
}

fn scope(value: &str, description: &str) -> PermissionScope {
    let published = PUBLISHED.iter().find(|(name, _)| *name == value).map(|(_, id)| Uuid::from_u128(*id));
    PermissionScope {
        id: published.unwrap_or_else(|| derived_id(&format!("signet.directory.scope/{value}"))),
        value: Some(value.to_owned()),
        kind: PermissionScope::ADMIN.to_owned(),
        is_enabled: true,
        admin_consent_description: Some(description.to_owned()),
        admin_consent_display_name: Some(description.to_owned()),
        user_consent_description: None,
        user_consent_display_name: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_published_id_is_in_use_and_no_id_twice() {
        let scopes: BTreeMap<_, _> =
            directory_scopes().iter().map(|scope| (scope.value.as_deref(), scope.id)).collect();
        for (name, id) in PUBLISHED {
            assert_eq!(scopes.get(&Some(*name)), Some(&Uuid::from_u128(*id)), "{name}");
        }
        let roles = directory_roles().iter().map(|role| role.id);
        let ids: BTreeSet<Uuid> = scopes.values().copied().chain(roles).collect();
        assert_eq!(ids.len(), scopes.len() + directory_roles().len(), "a scope and a role have no id in common");
        assert!(!scopes.contains_key(&Some(CREATE_AS_MANAGER)));
    }
}
