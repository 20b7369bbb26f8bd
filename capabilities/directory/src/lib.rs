//! People, applications and service principals.
//!
//! Words, as in Entra: an *application* is the definition (client id, credentials, the roles it exposes); a
//! *service principal* is its presence in a tenant (enabled or not, who is assigned). A *user* is a person. An
//! *owner* may change a thing; a *sponsor* answers for it.
//!
//! Start with [`Application`], [`ServicePrincipal`], [`User`]; the rules of owners and sponsors are in
//! [`responsibility`].

mod app_role;
mod application;
pub mod body;
pub mod http;
pub mod ops;
pub mod responsibility;
mod service_principal;
mod user;

pub use app_role::{ApiApplication, AppRole};
pub use application::{Application, ApplicationChange, audit_change};
pub use body::check_display_name;
pub use responsibility::creator;
pub use service_principal::{DIRECTORY_APP_ID, ServicePrincipal, ServicePrincipalType};
pub use signet_credentials::ops::check_if_match;
pub use user::User;
