//! The wire side: what people, applications and service principals look like, and which operation answers what. No
//! rule is here.

mod applications;
mod computed;
mod group_properties;
mod groups;
mod managers;
mod members;
mod membership_actions;
mod people;
mod service_principals;
mod user_properties;
mod users;

pub use applications::{APPLICATION, Applications, show_application};
pub use computed::Computed;
pub use groups::{GROUP, Groups, show_group};
pub use managers::Managers;
pub use members::Members;
pub use membership_actions::membership_actions;
pub use people::{Owners, Sponsors};
pub use service_principals::{SERVICE_PRINCIPAL, ServicePrincipals, show_definition};
pub use users::{USER, Users, show_user};
