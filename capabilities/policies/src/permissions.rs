//! The application permissions that the types of this capability declare, for the directory API's catalogue.

/// Name, what it allows, and the id that the vendor published; in the order of their names.
#[rustfmt::skip]
pub const PERMISSIONS: &[(&str, &str, Option<u128>)] = &[
    ("Policy.Read.All", "Read policies", Some(0x246dd0d5_5bd0_4def_940b_0421030a5b68)),
    ("Policy.Read.PermissionGrant", "Read permission grant policies", Some(0x9e640839_a198_48fb_8b9a_013fd6f6cbcd)),
    ("Policy.ReadWrite.ApplicationConfiguration", "Read and write app management policies", Some(0xbe74164b_cff1_491c_8741_e671cb536e13)),
    ("Policy.ReadWrite.Authorization", "Read and write the authorization policy", Some(0xfb221be6_99f2_473f_bd32_01c6a0e9ca3b)),
    ("Policy.ReadWrite.PermissionGrant", "Read and write permission grant policies", Some(0xa402ca1c_2696_4531_972d_6e5ee4aa11ea)),
];
