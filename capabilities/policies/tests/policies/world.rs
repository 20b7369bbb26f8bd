//! A tenant with nothing in it but itself.

use serde_json::Value;
use signet_graph::{Call, JsonMap};
use signet_tenants::Tenant;
use signet_testkit::{TestCaller, TestTenant};

pub struct World {
    pub tenant: TestTenant,
}

pub fn members(value: Value) -> JsonMap {
    value.as_object().cloned().unwrap_or_default()
}

impl World {
    pub async fn new() -> Self {
        let tenant = TestTenant::start().await;
        tenant.put_as(Tenant::id(tenant.id()), &Tenant::new("Contoso", None).unwrap()).await;
        Self { tenant }
    }

    pub fn call(&self) -> Call {
        self.tenant.call(&[])
    }

    /// A blueprint's own principal.
    pub fn blueprint(&self) -> Call {
        let id = self.tenant.store.context().new_object_id();
        self.tenant.call_by(TestCaller::of_kind("agentIdentityBlueprintPrincipal", id).below(id))
    }

    pub async fn activities(&self) -> Vec<String> {
        self.tenant.audits().await.iter().map(|audit| audit.activity().to_owned()).collect()
    }
}
