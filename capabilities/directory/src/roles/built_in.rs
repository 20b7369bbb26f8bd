//! The roles that every tenant has, under the template ids that clients know.

use signet_kernel::ObjectId;
use uuid::Uuid;

/// A role that every tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltInRole {
    template: u128,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Whether it leads to control of the tenant; agents are given no such role.
    pub privileged: bool,
    /// Whether groups may be given it.
    pub for_groups: bool,
    /// What it allows.
    pub actions: &'static [&'static str],
}

impl BuiltInRole {
    /// Its template id, which is its id in every tenant.
    pub const fn id(&self) -> ObjectId {
        ObjectId::from_uuid(Uuid::from_u128(self.template))
    }
}

/// The template id of Agent Registry Administrator.
const AGENT_REGISTRY: u128 = 0x6b942400_691f_4bf0_9d12_d8a254a2baf5;

const fn role(
    template: u128,
    name: &'static str,
    description: &'static str,
    privileged: bool,
    actions: &'static [&'static str],
) -> BuiltInRole {
    BuiltInRole { template, name, description, privileged, for_groups: template != AGENT_REGISTRY, actions }
}

macro_rules! on {
    ($($entity:literal / $task:literal),* $(,)?) => { &[$(concat!("microsoft.directory/", $entity, "/", $task)),*] };
}

const ALL: &str = "microsoft.directory/allEntities/allProperties/allTasks";
const READ: &str = "microsoft.directory/allEntities/allProperties/read";

#[rustfmt::skip]
const ROLES: &[BuiltInRole] = &[
    role(0x62e90394_69f5_4237_9190_012177145e10, "Global Administrator", "Manages everything in the directory.", true, &[ALL]),
    role(0xf2ef992c_3afb_46b9_b7cf_a126ee74c451, "Global Reader", "Reads everything in the directory.", false, &[READ]),
    role(0xe8611ab8_c189_46e8_94e1_60213ab1f814, "Privileged Role Administrator", "Defines roles and gives them.", true,
        on!("roleDefinitions"/"allProperties/allTasks", "roleAssignments"/"allProperties/allTasks", "oAuth2PermissionGrants"/"allProperties/allTasks",
            "servicePrincipals"/"appRoleAssignedTo/update", "agentIdentityBlueprintPrincipals"/"appRoleAssignedTo/update",
            "agentIdentities"/"appRoleAssignedTo/update")),
    role(0xdb506228_d27e_4b7d_95e5_295956d6615f, "Agent ID Administrator", "Manages blueprints, their principals, agent identities and agent users, and nothing else.", true,
        on!("agentIdentityBlueprints"/"allProperties/allTasks", "agentIdentityBlueprintPrincipals"/"allProperties/allTasks",
            "agentIdentities"/"allProperties/allTasks", "agentUsers"/"allProperties/allTasks")),
    role(0xadb2368d_a9be_41b5_8667_d96778e081b0, "Agent ID Developer", "Creates blueprints and their principals, and owns them.", false,
        on!("agentIdentityBlueprints"/"createAsOwner", "agentIdentityBlueprintPrincipals"/"createAsOwner")),
    role(AGENT_REGISTRY, "Agent Registry Administrator", "Manages the registry of agents.", false,
        &["microsoft.agentRegistry/allEntities/allProperties/allTasks"]),
    role(0xd2562ede_74db_457e_a7b6_544e236ebb61, "AI Administrator", "Reads agents and the registry.", true,
        on!("agentIdentityBlueprints"/"allProperties/read", "agentIdentityBlueprintPrincipals"/"allProperties/read",
            "agentIdentities"/"allProperties/read", "agentUsers"/"allProperties/read")),
    role(0x1fe13547_53f6_408d_ac04_7f8eed167b38, "AI Reader", "Reads agents and the registry.", true,
        on!("agentIdentityBlueprints"/"allProperties/read", "agentIdentityBlueprintPrincipals"/"allProperties/read",
            "agentIdentities"/"allProperties/read", "agentUsers"/"allProperties/read")),
    role(0x9b895d92_2cd3_44c7_9d02_a6ac2d5ea5c3, "Application Administrator", "Manages applications and their service principals.", true,
        on!("applications"/"allProperties/allTasks", "servicePrincipals"/"allProperties/allTasks", "agentIdentityBlueprints"/"delete")),
    role(0x158c047a_c907_4556_b7ef_446551a6b5f7, "Cloud Application Administrator", "Manages applications and their service principals.", true,
        on!("applications"/"allProperties/allTasks", "servicePrincipals"/"allProperties/allTasks", "agentIdentityBlueprints"/"delete")),
    role(0xcf1c38e5_3621_4004_a7cb_879624dced7c, "Application Developer", "Creates applications, and owns them.", true,
        on!("applications"/"createAsOwner", "servicePrincipals"/"createAsOwner")),
    role(0xfe930be7_5e62_47db_91af_98c3a49a38b1, "User Administrator", "Manages people and groups.", true,
        on!("users"/"allProperties/allTasks", "groups"/"allProperties/allTasks")),
    role(0xfdd7a751_b60b_444a_984c_02652fe8fa1c, "Groups Administrator", "Manages groups.", false, on!("groups"/"allProperties/allTasks")),
    role(0x88d8e3e3_8f55_4a1e_953a_9b9898b8876b, "Directory Readers", "Reads what everybody may know of the directory.", false,
        on!("users"/"standard/read", "groups"/"standard/read", "applications"/"standard/read", "servicePrincipals"/"standard/read",
            "administrativeUnits"/"standard/read", "roleDefinitions"/"standard/read", "roleAssignments"/"standard/read", "organization"/"standard/read")),
    role(0x9360feb5_f418_4baa_8175_e2a00bac4301, "Directory Writers", "Reads and writes people and groups.", true,
        on!("users"/"create", "users"/"basic/update", "users"/"standard/read", "groups"/"create", "groups"/"basic/update",
            "groups"/"members/update", "groups"/"standard/read")),
    role(0x194ae4cb_b126_40b2_bd5b_6091b380977d, "Security Administrator", "Reads what concerns security, and manages policies.", true,
        on!("auditLogs"/"allProperties/read", "signInReports"/"allProperties/read", "securityAlerts"/"allProperties/allTasks",
            "detectionRules"/"allProperties/allTasks", "exportDeadLetters"/"allProperties/allTasks", "logRetention"/"allProperties/allTasks",
            "legalHolds"/"allProperties/allTasks", "applications"/"standard/read", "servicePrincipals"/"standard/read")),
    role(0x5f2222b1_57c3_48ba_8ad5_d4759f1fde6f, "Security Operator", "Works on security events.", true,
        on!("auditLogs"/"allProperties/read", "signInReports"/"allProperties/read", "securityAlerts"/"allProperties/allTasks",
            "detectionRules"/"allProperties/allTasks", "exportDeadLetters"/"allProperties/read", "logRetention"/"allProperties/read",
            "legalHolds"/"allProperties/read")),
    role(0x5d6b6bb7_de71_4623_b4af_96380a352509, "Security Reader", "Reads what concerns security.", false,
        on!("auditLogs"/"allProperties/read", "signInReports"/"allProperties/read", "securityAlerts"/"allProperties/read",
            "detectionRules"/"allProperties/read", "exportDeadLetters"/"allProperties/read", "logRetention"/"allProperties/read",
            "legalHolds"/"allProperties/read")),
    role(0x4a5d8f65_41da_4de4_8968_e035b65339cf, "Reports Reader", "Reads sign-ins and audits.", false,
        on!("auditLogs"/"allProperties/read", "signInReports"/"allProperties/read")),
    role(0x8424c6f0_a189_499e_bbd0_26c1753c96d4, "Attribute Definition Administrator", "Defines custom security attributes.", false,
        on!("attributeSets"/"allProperties/allTasks", "customSecurityAttributeDefinitions"/"allProperties/allTasks")),
    role(0x1d336d2c_4ae8_42ef_9711_b3604ce3fc2c, "Attribute Definition Reader", "Reads the definitions of custom security attributes.", false,
        on!("attributeSets"/"allProperties/read", "customSecurityAttributeDefinitions"/"allProperties/read")),
    role(0x58a13ea3_c632_46ae_9ee0_9c0d43cd7f3d, "Attribute Assignment Administrator", "Gives custom security attributes to objects.", false,
        on!("attributeSets"/"allProperties/read", "customSecurityAttributeDefinitions"/"allProperties/read",
            "users"/"customSecurityAttributes/read", "users"/"customSecurityAttributes/update",
            "agentUsers"/"customSecurityAttributes/read", "agentUsers"/"customSecurityAttributes/update",
            "servicePrincipals"/"customSecurityAttributes/read", "servicePrincipals"/"customSecurityAttributes/update",
            "applications"/"customSecurityAttributes/read", "applications"/"customSecurityAttributes/update",
            "agentIdentities"/"customSecurityAttributes/read", "agentIdentities"/"customSecurityAttributes/update",
            "agentIdentityBlueprints"/"customSecurityAttributes/read", "agentIdentityBlueprints"/"customSecurityAttributes/update",
            "agentIdentityBlueprintPrincipals"/"customSecurityAttributes/read", "agentIdentityBlueprintPrincipals"/"customSecurityAttributes/update")),
    role(0xffd52fa5_98dc_465c_991d_fc073eb59f8f, "Attribute Assignment Reader", "Reads the custom security attributes of objects.", false,
        on!("attributeSets"/"allProperties/read", "customSecurityAttributeDefinitions"/"allProperties/read",
            "users"/"customSecurityAttributes/read", "agentUsers"/"customSecurityAttributes/read",
            "servicePrincipals"/"customSecurityAttributes/read",
            "applications"/"customSecurityAttributes/read", "agentIdentities"/"customSecurityAttributes/read",
            "agentIdentityBlueprints"/"customSecurityAttributes/read", "agentIdentityBlueprintPrincipals"/"customSecurityAttributes/read")),
];

/// All of them.
pub const fn built_in_roles() -> &'static [BuiltInRole] {
    ROLES
}

/// The built-in role of this template id.
pub fn built_in(id: ObjectId) -> Option<&'static BuiltInRole> {
    ROLES.iter().find(|role| role.id() == id)
}
