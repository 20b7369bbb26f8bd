//! What can be done: one verb per file. Deleting, restoring and purging are the directory's, for every kind.

mod create_blueprint;
mod create_principal;
mod update_blueprint;
mod update_principal;

pub use create_blueprint::{NewBlueprint, create_blueprint};
pub use create_principal::{NewPrincipal, create_principal};
pub use update_blueprint::update_blueprint;
pub use update_principal::update_principal;
