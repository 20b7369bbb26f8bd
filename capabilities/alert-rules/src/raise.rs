//! Groups become alerts, unless they are silent.

use crate::group::AlertGroup;
use crate::hits::Group;
use crate::rule::AlertRule;
use signet_alerts::{NewAlert, Raised, raise_by};
use signet_kernel::{AppId, Caller, Failure, ObjectId, Origin, TenantId};
use signet_logs::audit::Target;
use signet_store::{Id, Kind, Object, TenantStore, UnitOfWork};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// Alerts of one rule at once: what finds more is no alert but a listing.
pub(crate) const MOST: usize = 50;

/// Adds an alert for each group that is not silent.
pub(crate) async fn raise(
    store: &TenantStore,
    unit: &mut UnitOfWork,
    rule: &Object<AlertRule>,
    mut groups: Vec<Group>,
) -> Result<Vec<Raised>, Failure> {
    if groups.len() > MOST {
        tracing::warn!(
            rule = rule.body.display_name,
            groups = groups.len(),
            most = MOST,
            "a rule found more groups than it may raise"
        );
        groups.truncate(MOST);
    }
    let mut raised = Vec::new();
    for group in groups {
        if fall_silent(store, unit, rule, &group).await? {
            continue;
        }
        let by = by(store, rule);
        let context = store.context();
        raised.push(raise_by(context, &by, unit, alert(rule, &group)));
    }
    Ok(raised)
}

/// Whether the group is silent already; from now on it is.
async fn fall_silent(
    store: &TenantStore,
    unit: &mut UnitOfWork,
    rule: &Object<AlertRule>,
    group: &Group,
) -> Result<bool, Failure> {
    let (now, rule_id) = (store.context().now(), rule.id.object());
    let key = AlertGroup::index_key(rule_id, &group.key);
    let known = match store.find_key(AlertGroup::BY_KEY, &key).await? {
        Some(id) => store.find(Id::<AlertGroup>::of(id)).await?,
        None => None,
    };
    if known.as_ref().is_some_and(|known| known.body.silent_until > now) {
        return Ok(true);
    }
    let silent_until = now.plus(Duration::from_secs(60) * rule.body.suppress_for_minutes);
    match known {
        Some(known) => {
            unit.update(&known, &AlertGroup { silent_until, ..known.body.clone() });
        }
        None if rule.body.suppress_for_minutes > 0 => {
            let other = serde_json::Map::new();
            let silent = AlertGroup { rule: rule_id, key: group.key.clone(), silent_until, other };
            unit.create(Id::of(store.context().new_object_id()), &silent);
        }
        None => {}
    }
    Ok(false)
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
