//! The application permissions that the types of this capability declare, for the directory API's catalogue.

/// Lets its holders change what belongs to a restricted administrative unit as they may change the like elsewhere.
pub const DIRECTORY_WRITE_RESTRICTED: &str = "Directory.Write.Restricted";

/// Name, what it allows, and the id that the vendor published; in the order of their names.
#[rustfmt::skip]
pub const PERMISSIONS: &[(&str, &str, Option<u128>)] = &[
    ("AdministrativeUnit.Read.All", "Read administrative units", Some(0x134fd756_38ce_4afd_ba33_e9623dbe66c2)),
    ("AdministrativeUnit.ReadWrite.All", "Read and write administrative units", Some(0x5eb59dd3_1da2_4329_8733_9dabdc435916)),
    ("CustomSecAttributeAssignment.Read.All", "See the custom security attributes of objects", Some(0x3b37c5a4_1226_493d_bec3_5d6c6b866f3f)),
    ("CustomSecAttributeAssignment.ReadWrite.All", "Give custom security attributes to objects", Some(0xde89b5e4_5b8f_48eb_8925_29c2b33bd8bd)),
    ("CustomSecAttributeDefinition.Read.All", "Read the definitions of custom security attributes", Some(0xb185aa14_d8d2_42c1_a685_0f5596613624)),
    ("CustomSecAttributeDefinition.ReadWrite.All", "Define custom security attributes", Some(0x12338004_21f4_4896_bf5e_b75dfaf1016d)),
    ("Directory.ReadWrite.All", "Read and write the directory", Some(0x19dbc75e_c2e2_444c_a770_ec69d8559fc7)),
    (DIRECTORY_WRITE_RESTRICTED, "Change members of restricted administrative units too, with the permissions that would do for others", Some(0xf20584af_9290_4153_9280_ff8bb2c0ea7f)),
    ("Group.Create", "Create groups", Some(0xbf7b1a76_6e77_406b_b258_bf5c7720e98f)),
    ("Group.Read.All", "Read groups", Some(0x5b567255_7703_4780_807c_7be8301ae99b)),
    ("Group.ReadWrite.All", "Read and write groups", Some(0x62a82d76_70ea_41e2_9197_370581804d09)),
    ("GroupMember.Read.All", "Read who belongs to groups", Some(0x98830695_27a2_44f7_8c18_0c3ebc9698f6)),
    ("GroupMember.ReadWrite.All", "Say who belongs to groups", Some(0xdbaae8cf_10b5_4b86_a4a1_f871c94c6695)),
    ("Member.Read.Hidden", "Read who belongs to what hides it", Some(0x658aa5d8_239f_45c4_aa12_864f4fc7e490)),
    ("Organization.Read.All", "Read the organization", Some(0x498476ce_e0fe_48b0_b801_37ba7e2685c6)),
    ("Organization.ReadWrite.All", "Change the organization", Some(0x292d869f_3427_49a8_9dab_8c70152b74e9)),
    ("RoleManagement.Read.All", "Read roles and who has them", Some(0xc7fbd983_d9aa_4fa7_84b8_17382c103bc4)),
    ("RoleManagement.Read.Directory", "Read directory roles and who has them", Some(0x483bed4a_2ad3_4361_a73b_c83ccdbdc53c)),
    ("RoleManagement.ReadWrite.Directory", "Define directory roles and give them", Some(0x9e3f62cf_ca93_4989_b6ce_bf83c28f9fe8)),
];
