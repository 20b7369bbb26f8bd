//! Sign-ins and audit records of a tenant with fifty thousand users, over ninety days.

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, Int64Array, StringArray, TimestampMicrosecondArray},
    datatypes::{Field, Schema},
    record_batch::RecordBatch,
};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};
use serde_json::json;
use signet_log_engine::{Segment, TimeSpan, common_paths, unfold};

/// 2026-11-20 in microseconds since 1970.
pub(crate) const END: i64 = 1_795_132_800_000_000;
const DAYS: i64 = 90;
const ROWS: usize = 1_000_000;
const PART: usize = 131_072;

struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap() % most
    }

    /// Few are often, many are rare.
    fn skewed(&mut self, most: usize) -> usize {
        let (a, b) = (self.below(most), self.below(most));
        a.min(b).min(self.below(most))
    }

    fn guid(&mut self) -> String {
        guid(u128::from(self.next()) << 64 | u128::from(self.next()))
    }
}

fn guid(number: u128) -> String {
    let hex = format!("{number:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn spread(number: usize) -> u128 {
    (u128::try_from(number).unwrap() + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
}

const COUNTRIES: [(&str, &str); 12] = [
    ("DE", "Berlin"),
    ("US", "Seattle"),
    ("FR", "Paris"),
    ("NL", "Amsterdam"),
    ("GB", "London"),
    ("IN", "Pune"),
    ("BR", "Recife"),
    ("JP", "Osaka"),
    ("CH", "Bern"),
    ("NG", "Lagos"),
    ("CN", "Wuhan"),
    ("RU", "Kazan"),
];
const AGENTS: [&str; 8] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8)",
    "python-requests/2.32.3",
    "azsdk-net-Identity/1.12.0 (.NET 8.0.8)",
    "okhttp/4.12.0",
];
const APPS: [&str; 10] = [
    "Office 365 Exchange Online",
    "Microsoft Teams",
    "Azure Portal",
    "SharePoint Online",
    "Salesforce",
    "Payroll",
    "Agent-HROnboardingBot",
    "Graph Explorer",
    "Build Assistant",
    "Microsoft Azure CLI",
];
const RESULTS: [(&str, &str); 6] = [
    ("0", ""),
    ("50126", "Invalid username or password or Invalid on-premise username or password."),
    ("50053", "Account is locked because user tried to sign in too many times."),
    ("50074", "Strong Authentication is required."),
    ("53003", "Access has been blocked by Conditional Access policies."),
    ("700016", "Application was not found in the directory."),
];

struct Columns(Vec<(&'static str, ArrayRef)>);

impl Columns {
    fn text(&mut self, name: &'static str, values: impl Iterator<Item = String>) {
        self.0.push((name, Arc::new(StringArray::from_iter_values(values))));
    }

    fn same(&mut self, names: &[&'static str], value: &str, rows: usize) {
        for name in names {
            self.text(name, (0..rows).map(|_| value.to_owned()));
        }
    }

    fn batch(self, table: &str) -> (RecordBatch, Vec<signet_log_engine::Unfolded>) {
        let field = |name: &str, array: &ArrayRef| Field::new(name, array.data_type().clone(), true);
        let fields: Vec<Field> = self.0.iter().map(|(name, array)| field(name, array)).collect();
        let columns: Vec<ArrayRef> = self.0.into_iter().map(|(_, array)| array).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields.clone())), columns.clone()).unwrap();
        let (mut fields, mut columns, mut unfolded) = (fields, columns, Vec::new());
        for (path, array) in unfold(&batch, common_paths(table)) {
            if let Some(array) = array {
                fields.push(field(&path.name, &array));
                columns.push(array);
            }
            unfolded.push(path);
        }
        (RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap(), unfolded)
    }
}

fn sign_ins(times: &[i64], chance: &mut Chance) -> Columns {
    let rows = times.len();
    let users: Vec<usize> = (0..rows).map(|_| chance.skewed(50_000)).collect();
    let apps: Vec<usize> = (0..rows).map(|_| chance.skewed(APPS.len())).collect();
    let places: Vec<usize> =
        users.iter().map(|user| if chance.below(50) == 0 { chance.below(12) } else { user % 12 }).collect();
    let devices: Vec<usize> = users.iter().map(|user| user % 400).collect();
    let results: Vec<usize> = (0..rows).map(|_| if chance.below(100) < 92 { 0 } else { 1 + chance.below(5) }).collect();
    let mut columns = Columns(Vec::new());
    let stamp = |times: &[i64]| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_iter_values(times.iter().copied()).with_timezone("UTC"))
    };
    columns.0.push(("TimeGenerated", stamp(times)));
    columns.0.push(("CreatedDateTime", stamp(times)));
    let durations = (0..rows).map(|_| i64::try_from(chance.below(900)).unwrap());
    columns.0.push(("DurationMs", Arc::new(Int64Array::from_iter_values(durations))));
    columns.0.push(("IsInteractive", Arc::new((0..rows).map(|_| Some(true)).collect::<BooleanArray>())));
    columns.text("UserPrincipalName", users.iter().map(|user| format!("user{user}@contoso.example")));
    columns.text("UserDisplayName", users.iter().map(|user| format!("User Number {user}")));
    columns.text("UserId", users.iter().map(|user| guid(spread(*user))));
    columns.text("AppDisplayName", apps.iter().map(|app| APPS[*app].to_owned()));
    columns.text("AppId", apps.iter().map(|app| guid(spread(1_000_000 + *app))));
    columns.text("ResourceDisplayName", apps.iter().map(|app| APPS[(*app + 3) % 10].to_owned()));
    columns.text("ResourceIdentity", apps.iter().map(|app| guid(spread(2_000_000 + *app))));
    columns.text("UserAgent", devices.iter().map(|device| AGENTS[*device % 8].to_owned()));
    let ips: Vec<String> = users
        .iter()
        .map(|user| match chance.below(20) {
            0 => format!("203.{}.{}.{}", chance.below(4), chance.below(100), chance.below(50)),
            _ => format!("10.{}.{}.{}", user % 7, user % 250, user % 199),
        })
        .collect();
    columns.text("IPAddress", ips.into_iter());
    columns.text("Location", places.iter().map(|place| COUNTRIES[*place].0.to_owned()));
    columns.text("LocationDetails", places.iter().map(|place| {
        let (country, city) = COUNTRIES[*place];
        json!({"city": city, "state": city, "countryOrRegion": country, "geoCoordinates": {"latitude": 52.5 + *place as f64, "longitude": 13.25}}).to_string()
    }));
    columns.text("DeviceDetail", devices.iter().map(|device| {
        let system = ["Windows 10", "MacOs", "Ios 18", "Linux", "Android"][*device % 5];
        json!({"deviceId": guid(spread(3_000_000 + *device)), "displayName": format!("PC-{device}"), "operatingSystem": system, "browser": "Chrome 129", "isCompliant": device % 3 == 0, "isManaged": device % 2 == 0, "trustType": if device % 4 == 0 { "" } else { "Azure AD joined" }}).to_string()
    }));
    columns.text("Status", results.iter().map(|result| {
        json!({"errorCode": RESULTS[*result].0.parse::<i64>().unwrap(), "failureReason": RESULTS[*result].1, "additionalDetails": ""}).to_string()
    }));
    columns.text("ResultType", results.iter().map(|result| RESULTS[*result].0.to_owned()));
    columns.text("ResultDescription", results.iter().map(|result| RESULTS[*result].1.to_owned()));
    columns.text("ConditionalAccessPolicies", results.iter().map(|result| {
        let verdict = if *result == 4 { "failure" } else { "success" };
        json!([{"id": guid(spread(5_000_000)), "displayName": "Require MFA", "enforcedGrantControls": ["Mfa"], "enforcedSessionControls": [], "result": verdict}]).to_string()
    }));
    columns.text(
        "ConditionalAccessStatus",
        results.iter().map(|result| if *result == 4 { "failure" } else { "success" }.to_owned()),
    );
    columns.text(
        "Agent",
        apps.iter().map(|app| {
            let kind = if [6, 8].contains(app) { "agenticAppInstance" } else { "notAgentic" };
            json!({"agentType": kind, "agentSubjectType": kind}).to_string()
        }),
    );
    columns.text(
        "ClientAppUsed",
        devices
            .iter()
            .map(|device| if device % 9 == 0 { "Mobile Apps and Desktop clients" } else { "Browser" }.to_owned()),
    );
    columns.text(
        "RiskLevelDuringSignIn",
        (0..rows)
            .map(|_| if chance.below(400) == 0 { "high" } else { "none" }.to_owned())
            .collect::<Vec<_>>()
            .into_iter(),
    );
    columns.text(
        "AuthenticationRequirement",
        results.iter().map(|result| {
            if *result == 3 { "multiFactorAuthentication" } else { "singleFactorAuthentication" }.to_owned()
        }),
    );
    for name in ["Id", "CorrelationId", "UniqueTokenIdentifier"] {
        let ids: Vec<String> = (0..rows).map(|_| chance.guid()).collect();
        columns.text(name, ids.into_iter());
    }
    let sessions: Vec<String> = users.iter().map(|user| guid(spread(*user * 40 + chance.below(40)))).collect();
    columns.text("SessionId", sessions.into_iter());
    columns.same(&["UserType"], "Member", rows);
    columns.same(&["OperationName"], "Sign-in activity", rows);
    columns.same(&["Category"], "SignInLogs", rows);
    columns.same(&["Type"], "SigninLogs", rows);
    columns.same(&["TenantId", "AADTenantId", "HomeTenantId", "ResourceTenantId"], &guid(spread(9)), rows);
    columns.same(&["SourceSystem", "Resource"], "Azure AD", rows);
    columns.same(&["TokenIssuerType"], "AzureAD", rows);
    columns
}

const OPERATIONS: [&str; 8] = [
    "Update user",
    "Add member to group",
    "Add app role assignment to service principal",
    "Update application",
    "Add OAuth2PermissionGrant",
    "Add delegated permission grant",
    "Consent to application",
    "Add v2 application permissions",
];

fn audits(times: &[i64], chance: &mut Chance) -> Columns {
    let rows = times.len();
    let operations: Vec<usize> = (0..rows).map(|_| chance.skewed(OPERATIONS.len())).collect();
    let actors: Vec<usize> = (0..rows).map(|_| chance.skewed(2_000)).collect();
    let names = [
        "Agent-HROnboardingBot",
        "HRAgentBot",
        "Payroll",
        "finance ai",
        "my_agent_7",
        "Portal",
        "Wiki",
        "Copilot Studio",
    ];
    let targets: Vec<usize> = (0..rows).map(|_| chance.below(4_000)).collect();
    let mut columns = Columns(Vec::new());
    let stamp = || -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_iter_values(times.iter().copied()).with_timezone("UTC"))
    };
    columns.0.push(("TimeGenerated", stamp()));
    columns.0.push(("ActivityDateTime", stamp()));
    columns.text("OperationName", operations.iter().map(|operation| OPERATIONS[*operation].to_owned()));
    columns.text("ActivityDisplayName", operations.iter().map(|operation| OPERATIONS[*operation].to_owned()));
    columns.text("InitiatedBy", actors.iter().map(|actor| match actor % 3 {
        0 => json!({"app": {"appId": null, "displayName": names[actor % 8], "servicePrincipalId": guid(spread(*actor)), "servicePrincipalName": null}}).to_string(),
        _ => json!({"user": {"id": guid(spread(*actor)), "displayName": null, "userPrincipalName": format!("user{actor}@contoso.example"), "ipAddress": format!("10.0.{}.7", actor % 250), "roles": []}}).to_string(),
    }));
    columns.text("TargetResources", targets.iter().zip(&operations).map(|(target, operation)| {
        let name = if target % 40 < 8 { names[target % 8].to_owned() } else { format!("Service {target}") };
        json!([{"id": guid(spread(7_000_000 + *target)), "displayName": name, "type": "ServicePrincipal", "userPrincipalName": null, "modifiedProperties": [
            {"displayName": "DelegatedPermissionGrant.Scope", "oldValue": "\"User.Read\"", "newValue": format!("\"User.Read Mail.Read{operation}\"")}], "administrativeUnits": []},
            {"id": guid(spread(8_000_000 + *target)), "displayName": null, "type": "ServicePrincipal", "modifiedProperties": [], "administrativeUnits": []}]).to_string()
    }));
    for name in ["Id", "CorrelationId"] {
        let ids: Vec<String> = (0..rows).map(|_| chance.guid()).collect();
        columns.text(name, ids.into_iter());
    }
    columns.same(&["Result"], "success", rows);
    columns.same(&["LoggedByService"], "Core Directory", rows);
    columns.same(&["Category"], "ApplicationManagement", rows);
    columns.same(&["Type"], "AuditLogs", rows);
    columns.same(&["TenantId", "AADTenantId"], &guid(spread(9)), rows);
    columns
}

fn table(folder: &Path, name: &str, rows: usize, make: fn(&[i64], &mut Chance) -> Columns) -> Vec<Segment> {
    let mut chance = Chance(0x5EED);
    let step = DAYS * 86_400_000_000 / i64::try_from(rows).unwrap();
    let start = END - DAYS * 86_400_000_000;
    let mut segments = Vec::new();
    for (number, first) in (0..rows).step_by(ROWS).enumerate() {
        let last = rows.min(first + ROWS);
        let times: Vec<i64> = (first..last).map(|row| start + i64::try_from(row).unwrap() * step).collect();
        let (batch, unfolded) = make(&times, &mut chance).batch(name);
        let file = folder.join(format!("{name}-{number:03}.parquet"));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::try_new(3).unwrap()))
            .set_max_row_group_row_count(Some(PART))
            .build();
        let mut writer = ArrowWriter::try_new(File::create(&file).unwrap(), batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let bytes = std::fs::metadata(&file).unwrap().len();
        let span = TimeSpan { from: times[0], until: *times.last().unwrap() };
        segments.push(Segment { file, bytes, rows: u64::try_from(last - first).unwrap(), span, unfolded });
        println!("{name} {last} rows");
    }
    segments
}

pub(crate) fn write(folder: &Path, rows: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let all = [
        ("SigninLogs", table(folder, "SigninLogs", rows, sign_ins)),
        ("AuditLogs", table(folder, "AuditLogs", rows / 10, audits)),
    ];
    for (name, segments) in &all {
        let (bytes, rows) = segments.iter().fold((0, 0), |sum, segment| (sum.0 + segment.bytes, sum.1 + segment.rows));
        println!("{name}: {} bytes a record on disk", bytes / rows.max(1));
    }
    let all: std::collections::BTreeMap<_, _> = all.into_iter().collect();
    std::fs::write(folder.join("segments.json"), serde_json::to_vec(&all).unwrap()).unwrap();
}
