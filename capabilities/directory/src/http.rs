//! The wire side: what people, applications and service principals look like, and which operation answers what. No
//! rule is here.

mod administrative_units;
mod allowed_values;
mod applications;
mod attributes;
mod computed;
mod group_properties;
mod groups;
mod managers;
mod members;
mod membership_actions;
mod organization;
mod orphans;
mod people;
mod role_assignments;
mod role_definitions;
mod service_principals;
mod user_properties;
mod users;
mod values;
mod verified_publisher;

pub use administrative_units::{ADMINISTRATIVE_UNIT, AdministrativeUnits};
pub use applications::{APPLICATION, Applications, show_application};
pub use attributes::{ATTRIBUTE_DEFINITION, ATTRIBUTE_SET, AttributeDefinitions, AttributeSets};
pub use computed::Computed;
pub use groups::{GROUP, Groups, show_group};
pub use managers::Managers;
pub use members::Members;
pub use membership_actions::membership_actions;
pub use organization::{ORGANIZATION, Organizations};
pub use orphans::OrphanedObjects;
pub use people::{Owners, Sponsors};
pub use role_assignments::{ROLE_ASSIGNMENT, RoleAssignments, ScopedRoleMembers};
pub use role_definitions::{DirectoryRoles, ROLE_DEFINITION, RoleDefinitions};
pub use service_principals::{SERVICE_PRINCIPAL, ServicePrincipals, show_definition};
pub use users::{USER, Users, show_user};
pub use verified_publisher::{VerifiedPublisher, complete_publisher};
