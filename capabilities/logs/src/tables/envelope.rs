//! What every row of a table says alike, and no record stores.

use crate::audit::AUDITS;
use crate::sign_in::SIGN_INS;

/// The value of a column that no record of this table holds.
pub(super) fn value(table: &str, column: &str) -> Option<&'static str> {
    let own = match table {
        AUDITS => audit(column),
        SIGN_INS => sign_in(column),
        _ => None,
    };
    own.or(match column {
        "SourceSystem" => Some("Azure AD"),
        "_IsBillable" => Some("false"),
        _ => None,
    })
}

fn audit(column: &str) -> Option<&'static str> {
    Some(match column {
        "Level" => "4",
        "OperationVersion" => "1.0",
        "Resource" | "ResourceGroup" => "Microsoft.aadiam",
        "ResultSignature" => "None",
        _ => return None,
    })
}

fn sign_in(column: &str) -> Option<&'static str> {
    Some(match column {
        "Level" => "4",
        "OperationVersion" => "1.0",
        "ResourceGroup" => "Microsoft.aadiam",
        "ResultSignature" => "None",
        // Of a request whose client was not found: no agent is known to have asked.
        "Agent" => r#"{"agentType":"notAgentic","agentSubjectType":"notAgentic"}"#,
        "LocationDetails" => "{}",
        "ConditionalAccessPolicies"
        | "ConditionalAccessAudiences"
        | "AuthenticationContextClassReferences"
        | "AuthenticationProcessingDetails"
        | "NetworkLocationDetails" => "[]",
        _ => return None,
    })
}
