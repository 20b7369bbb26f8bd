//! The second half of the walk: token, check, record, and the switch that ends it all.

use super::objects::{Made, RESOURCE, ROLE};
use super::walk::Walk;
use crate::command_error::CommandError;
use crate::commands::find::member;
use crate::commands::logs::{line, newest};
use crate::commands::token::two_steps;
use crate::decoded::Decoded;
use serde_json::{Value, json};

/// Shows it.
pub(super) async fn show(walk: &mut Walk, made: &Made) -> Result<(), CommandError> {
    let old = token(walk, made).await?;
    check(walk, made, &old).await?;
    record(walk).await?;
    disable(walk, made, &old).await?;
    enable(walk, made, &old).await
}

async fn ask(walk: &Walk, made: &Made) -> Result<String, CommandError> {
    let (blueprint, agent) = (member(&made.blueprint, "appId")?, member(&made.agent, "id")?);
    two_steps(&walk.client, blueprint, &made.blueprint_secret()?, agent, &format!("{RESOURCE}/.default")).await
}

/// Whether a token is active, asked by the API as itself (RFC 7662).
async fn is_active(walk: &Walk, made: &Made, token: &str) -> Result<bool, CommandError> {
    let profile = walk.client.profile();
    let url = format!("{}/{}/oauth2/v2.0/introspect", profile.url, profile.tenant_id);
    let secret = made.resource_secret()?;
    let form = [("token", token), ("client_id", member(&made.resource, "appId")?), ("client_secret", secret.as_str())];
    let answer = walk.client.form(&url, &form).await?;
    match answer.body.get("active").and_then(Value::as_bool) {
        Some(active) => Ok(active),
        None => Err(crate::client::refused(&answer)),
    }
}

async fn token(walk: &mut Walk, made: &Made) -> Result<String, CommandError> {
    walk.step("A token, in two steps");
    let token = ask(walk, made).await?;
    walk.say("The blueprint proved itself and named the agent; the agent presented that as its assertion.");
    let claims = Decoded::of(&token).map(|decoded| decoded.claims).unwrap_or_default();
    for name in ["iss", "aud", "sub", "roles", "xms_par_app_azp", "exp"] {
        if let Some(value) = claims.get(name) {
            walk.say(&format!("{name:16}{value}"));
        }
    }
    walk.repeat_command(&format!(
        "token --blueprint {} --agent {} --secret-file {} --scope {RESOURCE}/.default",
        member(&made.blueprint, "appId")?,
        member(&made.agent, "id")?,
        made.blueprint_secret_file.display()
    ));
    Ok(token)
}

async fn check(walk: &mut Walk, made: &Made, token: &str) -> Result<(), CommandError> {
    walk.step("The agent calls the API, and the API asks about the token");
    expect(is_active(walk, made, token).await?, "the token is not active")?;
    walk.good(&format!("active, with the role {ROLE}"));
    walk.repeat(
        "curl --cacert $SIGNET_CA $SIGNET_URL/$TENANT_ID/oauth2/v2.0/introspect -d client_id=$RESOURCE_APP_ID \
         --data-urlencode client_secret@$RESOURCE_SECRET_FILE -d token=THE_TOKEN",
    );
    Ok(())
}

async fn record(walk: &mut Walk) -> Result<(), CommandError> {
    walk.step("The record: both steps were written down before their answers left");
    for sign_in in newest(&walk.client, 2).await?.iter().rev().map(line) {
        let cell = |name: &str| sign_in.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
        walk.say(&format!("{}  {}  for {}  {}", cell("time"), cell("client"), cell("resource"), cell("result")));
    }
    walk.repeat_command("logs tail");
    walk.repeat_command("logs verify");
    Ok(())
}

async fn disable(walk: &mut Walk, made: &Made, old: &str) -> Result<(), CommandError> {
    walk.step("The kill switch: the blueprint is disabled");
    switch(walk, made, false).await?;
    match ask(walk, made).await {
        Ok(_) => return Err(CommandError::failed("a token was issued although the blueprint is disabled")),
        Err(refusal) => walk.refused(&format!("the next token: {refusal}")),
    }
    expect(!is_active(walk, made, old).await?, "the old token is still active")?;
    walk.refused("the token from before: inactive");
    walk.repeat_command("blueprint disable 'Order desk'");
    Ok(())
}

async fn enable(walk: &mut Walk, made: &Made, old: &str) -> Result<(), CommandError> {
    walk.step("The blueprint is enabled again, which revives nothing");
    switch(walk, made, true).await?;
    expect(!is_active(walk, made, old).await?, "the old token is active again")?;
    walk.refused("the token from before: still inactive");
    let fresh = ask(walk, made).await?;
    expect(is_active(walk, made, &fresh).await?, "a new token is not active")?;
    walk.good("a new token: active");
    walk.repeat_command("blueprint enable 'Order desk'");
    Ok(())
}

async fn switch(walk: &Walk, made: &Made, enabled: bool) -> Result<(), CommandError> {
    let path = format!("/servicePrincipals/{}", member(&made.principal, "id")?);
    walk.client.patch(&path, &json!({ "accountEnabled": enabled })).await.map(drop)
}

fn expect(holds: bool, otherwise: &str) -> Result<(), CommandError> {
    if holds { Ok(()) } else { Err(CommandError::failed(otherwise)) }
}
