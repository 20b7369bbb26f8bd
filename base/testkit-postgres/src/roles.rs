//! The roles that operators are told to make, made from the very text that tells them.

use crate::{Cluster, database_of};

/// The role that owns the tables.
pub const OWNER: &str = "signet_owner";
/// The role of the nodes, which may use the tables and no more.
pub const NODE: &str = "signet_node";

const TOLD: &str = include_str!("../../../docs/operations/postgresql.md");

impl Cluster {
    /// Makes an empty database as docs/operations/postgresql.md says, and says how its [`OWNER`] reaches it.
    pub fn create_owned_database(&self) -> String {
        let name = self.new_name();
        self.roles.call_once(|| self.run_told("postgres", &name, |statement| statement.starts_with("CREATE ROLE")));
        self.run_told("postgres", &name, |statement| {
            statement.starts_with("CREATE DATABASE") || statement.contains(" ON DATABASE ")
        });
        self.run_told(&name, &name, |statement| statement.contains(" SCHEMA "));
        self.url(&name, OWNER)
    }

    /// Gives [`NODE`] the rights that are listed there, and says how it reaches the database. As the owner does it, once
    /// the tables are there: the directory's, and the record's if need be.
    pub fn grant_to_node(&self, url: &str) -> String {
        let database = database_of(url);
        let with_record = self.execute(database, "SELECT to_regclass('record_schema') IS NOT NULL").trim() == "t";
        let wanted = |statement: &&str| is_grant(statement) && (with_record || !statement.contains(" record_"));
        let grants: Vec<&str> = told().filter(wanted).collect();
        self.execute_as(OWNER, database, &grants.join(";"));
        self.url(database, NODE)
    }

    /// Runs what is told, one statement at a time: a database cannot be made in a transaction.
    fn run_told(&self, database: &str, name: &str, which: impl Fn(&str) -> bool) {
        for statement in told().filter(|statement| !is_grant(statement) && which(statement)) {
            self.execute(database, &statement.replace(" DATABASE signet ", &format!(" DATABASE {name} ")));
        }
    }
}

fn told() -> impl Iterator<Item = &'static str> {
    let blocks = TOLD.split("```sql\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.flat_map(|block| block.split(';')).map(str::trim).filter(|statement| !statement.is_empty())
}

fn is_grant(statement: &str) -> bool {
    statement.starts_with("GRANT")
}
