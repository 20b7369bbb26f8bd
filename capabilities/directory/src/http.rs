//! The wire side: what people, applications and service principals look like, and which operation answers what. No
//! rule is here.

mod applications;
mod people;
mod service_principals;
mod users;

pub use applications::{APPLICATION, Applications, show_application};
pub use people::{Owners, Sponsors};
pub use service_principals::{SERVICE_PRINCIPAL, ServicePrincipals, show_definition};
pub use users::{USER, Users};
