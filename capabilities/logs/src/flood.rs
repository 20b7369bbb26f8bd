//! Refusals that came too fast to be recorded one by one.

use crate::sign_in::SIGN_INS;
use signet_kernel::Context;
use signet_record::{Entry, FloodCount, RecordBuilder, RowKeys};

/// The record of requests of one source that were refused for one reason before their client was authenticated.
/// It lies among the sign-ins at the time of the last of them, with two columns of its own: `RequestCount` and
/// `FirstDateTime`. The count's reason is the error's AADSTS number.
pub fn refusals_counted(context: &Context, counted: &FloodCount) -> Entry {
    let id = context.new_uuid().to_string();
    let FloodCount { tenant, source, reason, count, first, last } = counted;
    let mut record = RecordBuilder::new(context, *tenant, SIGN_INS);
    record.text("Id", &id).time("TimeGenerated", *last).time("CreatedDateTime", *last);
    record.text("OperationName", "Sign-in activity").text("Category", "ServicePrincipalSignInLogs");
    record.text("AADTenantId", &tenant.to_string()).text("CorrelationId", &id);
    if let Some(source) = source {
        record.personal("IPAddress", &source.to_string());
    }
    record.text("ResultType", reason).text("ResultDescription", "Refused too often to be recorded one by one.");
    record.text("ConditionalAccessStatus", "notApplied");
    record.time("FirstDateTime", *first).number("RequestCount", i64::try_from(*count).unwrap_or(i64::MAX));
    record.finish(RowKeys { at: *last, id: &id, about: None, outcome: Some(reason) })
}
