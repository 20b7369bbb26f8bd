//! What it costs to build a sign-in record: `cargo run --release -p signet-logs --example sign_in_cost`.

use signet_kernel::{AppId, Context, ObjectId, Origin, Revocation};
use signet_logs::audit::AgentType;
use signet_logs::{SignIn, SignInBlueprint, SignInClient, SignInCredential, SignInOutcome, SignInResource};
use std::time::Duration;

const ROUNDS: u32 = 200_000;

fn main() {
    let context = Context::system();
    let id = || context.new_uuid();
    let object = || ObjectId::from_uuid(id());
    let address = Some(std::net::IpAddr::from([192, 0, 2, 17]));
    let user_agent = Some("msal-python/1.34.0".to_owned());
    let origin = Origin { request_id: id(), correlation_id: id(), address, user_agent };
    let sponsors = [object()];
    let blueprint = SignInBlueprint { id: object(), app_id: AppId::from_uuid(id()) };
    let resource = id().to_string();
    let sign_in = SignIn {
        tenant: context.new_tenant_id(),
        id: id(),
        at: context.now(),
        duration: Duration::from_millis(1),
        origin: &origin,
        app_id: Some(AppId::from_uuid(id())),
        client: Some(SignInClient {
            service_principal: object(),
            display_name: "Agent-Onboarding",
            agent: AgentType::AgenticAppInstance,
            blueprint: Some(blueprint),
            sponsors: &sponsors,
        }),
        credential: Some(SignInCredential { kind: "clientAssertion", id: id(), thumbprint: None }),
        resource: Some(SignInResource {
            identity: &resource,
            display_name: Some("Mail API"),
            service_principal: Some(object()),
            agent: None,
        }),
        outcome: SignInOutcome::Granted { token: "AAAAAAAAAAAAAAAAAAAAAA" },
        revocation: Revocation::from_u64(42),
    };
    let began = context.monotonic();
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        bytes = std::hint::black_box(std::hint::black_box(&sign_in).to_entry(&context)).body().len();
    }
    let each = context.monotonic().saturating_sub(began) / ROUNDS;
    println!("{each:?} and {bytes} bytes per sign-in record");
}
