//! Groups become alerts, unless they are silent.

use crate::group::AlertGroup;
use crate::hits::Group;
use crate::rule::AlertRule;
use signet_alerts::{NewAlert, Raised, raise_by};
use signet_kernel::{AppId, Caller, Failure, ObjectId, Origin, TenantId};
use signet_logs::audit::Target;
use signet_store::{Id, Kind, Object, TenantStore, UnitOfWork};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Alerts of one rule at once: what finds more is no alert but a listing. The last says how many others there were.
pub(crate) const MOST: usize = 50;

/// Adds an alert for each group that is not silent.
pub(crate) async fn raise(
    store: &TenantStore,
    unit: &mut UnitOfWork,
    rule: &Object<AlertRule>,
    groups: Vec<Group>,
) -> Result<Vec<Raised>, Failure> {
    let mut loud = Vec::new();
    for group in groups {
        let known = silence(store, rule, &group).await?;
        if known.as_ref().is_none_or(|known| known.body.silent_until <= store.context().now()) {
            loud.push((group, known));
        }
    }
    let others = loud.len().saturating_sub(MOST);
    loud.truncate(MOST);
    let last = loud.len();
    let mut raised = Vec::new();
    for (number, (group, known)) in (1..).zip(loud) {
        fall_silent(store, unit, rule, (&group, known));
        let mut alert = alert(rule, &group);
        if number == last && others > 0 {
            alert.description += &format!(" (and {others} others)");
        }
        raised.push(raise_by(store.context(), &by(store, rule), unit, alert));
    }
    Ok(raised)
}

async fn silence(
    store: &TenantStore,
    rule: &Object<AlertRule>,
    group: &Group,
) -> Result<Option<Arc<Object<AlertGroup>>>, Failure> {
    let key = AlertGroup::index_key(rule.id.object(), &group.key);
    match store.find_key(AlertGroup::BY_KEY, &key).await? {
        Some(id) => Ok(store.find(Id::of(id)).await?),
        None => Ok(None),
    }
}

fn fall_silent(
    store: &TenantStore,
    unit: &mut UnitOfWork,
    rule: &Object<AlertRule>,
    (group, known): (&Group, Option<Arc<Object<AlertGroup>>>),
) {
    let span = Duration::from_secs(60) * rule.body.suppress_for_minutes;
    let silent_until = store.context().now().plus(span);
    match known {
        Some(known) => {
            unit.update(&known, &AlertGroup { silent_until, ..known.body.clone() });
        }
        None if !span.is_zero() => {
            let other = serde_json::Map::new();
            let silent = AlertGroup { rule: rule.id.object(), key: group.key.clone(), silent_until, other };
            unit.create(Id::of(store.context().new_object_id()), &silent);
        }
        None => {}
    }
}

pub(crate) fn alert(rule: &Object<AlertRule>, group: &Group) -> NewAlert {
    let rule_id = rule.id.object();
    let subject = group.subject().unwrap_or(rule_id);
    let target = match group.subject() {
        Some(subject) => Target::other(subject.to_string(), group.subject_name().unwrap_or_default()),
        None => Target::new(AlertRule::NAME, rule_id, rule.body.display_name.clone()),
    };
    NewAlert {
        title: rule.body.display_name.clone().into(),
        description: group.description(&rule.body),
        category: rule.body.category().to_owned().into(),
        severity: rule.body.severity,
        subject,
        target,
    }
}

/// The rule, as who found it.
fn by(store: &TenantStore, rule: &Object<AlertRule>) -> Caller {
    let program = program(store.id(), store.context().new_uuid());
    Caller { object: rule.id.object(), display_name: rule.body.display_name.clone(), ..program }
}

/// The program, as who brings rules along.
pub(crate) fn program(tenant: TenantId, request: Uuid) -> Caller {
    Caller {
        tenant,
        object: ObjectId::from_uuid(Uuid::nil()),
        kind: AlertRule::NAME,
        app: AppId::from_uuid(Uuid::nil()),
        display_name: "Signet".to_owned(),
        roles: BTreeSet::new(),
        parent: None,
        origin: Origin::internal(request),
    }
}
