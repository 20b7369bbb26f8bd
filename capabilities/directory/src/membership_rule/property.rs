//! The properties that a rule may name.

/// The type of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Bool,
    Moment,
    Texts,
}

/// A property, as rules and as CSDL name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) rule_name: &'static str,
    /// Where it lies in a person's members.
    pub(super) pointer: &'static str,
    pub(super) kind: Type,
}

const fn of(rule_name: &'static str, pointer: &'static str, kind: Type) -> Property {
    Property { rule_name, pointer, kind }
}

#[rustfmt::skip]
const PROPERTIES: &[Property] = &[
    of("accountEnabled", "/accountEnabled", Type::Bool),
    of("city", "/city", Type::Text),
    of("companyName", "/companyName", Type::Text),
    of("country", "/country", Type::Text),
    of("department", "/department", Type::Text),
    of("dirSyncEnabled", "/onPremisesSyncEnabled", Type::Bool),
    of("displayName", "/displayName", Type::Text),
    of("employeeHireDate", "/employeeHireDate", Type::Moment),
    of("employeeId", "/employeeId", Type::Text),
    of("employeeType", "/employeeType", Type::Text),
    of("extensionAttribute1", "/onPremisesExtensionAttributes/extensionAttribute1", Type::Text),
    of("extensionAttribute2", "/onPremisesExtensionAttributes/extensionAttribute2", Type::Text),
    of("extensionAttribute3", "/onPremisesExtensionAttributes/extensionAttribute3", Type::Text),
    of("extensionAttribute4", "/onPremisesExtensionAttributes/extensionAttribute4", Type::Text),
    of("extensionAttribute5", "/onPremisesExtensionAttributes/extensionAttribute5", Type::Text),
    of("extensionAttribute6", "/onPremisesExtensionAttributes/extensionAttribute6", Type::Text),
    of("extensionAttribute7", "/onPremisesExtensionAttributes/extensionAttribute7", Type::Text),
    of("extensionAttribute8", "/onPremisesExtensionAttributes/extensionAttribute8", Type::Text),
    of("extensionAttribute9", "/onPremisesExtensionAttributes/extensionAttribute9", Type::Text),
    of("extensionAttribute10", "/onPremisesExtensionAttributes/extensionAttribute10", Type::Text),
    of("extensionAttribute11", "/onPremisesExtensionAttributes/extensionAttribute11", Type::Text),
    of("extensionAttribute12", "/onPremisesExtensionAttributes/extensionAttribute12", Type::Text),
    of("extensionAttribute13", "/onPremisesExtensionAttributes/extensionAttribute13", Type::Text),
    of("extensionAttribute14", "/onPremisesExtensionAttributes/extensionAttribute14", Type::Text),
    of("extensionAttribute15", "/onPremisesExtensionAttributes/extensionAttribute15", Type::Text),
    of("facsimileTelephoneNumber", "/faxNumber", Type::Text),
    of("givenName", "/givenName", Type::Text),
    of("jobTitle", "/jobTitle", Type::Text),
    of("mail", "/mail", Type::Text),
    of("mailNickName", "/mailNickname", Type::Text),
    of("mobile", "/mobilePhone", Type::Text),
    of("objectId", "/id", Type::Text),
    of("otherMails", "/otherMails", Type::Texts),
    of("passwordPolicies", "/passwordPolicies", Type::Text),
    of("physicalDeliveryOfficeName", "/officeLocation", Type::Text),
    of("postalCode", "/postalCode", Type::Text),
    of("preferredLanguage", "/preferredLanguage", Type::Text),
    of("proxyAddresses", "/proxyAddresses", Type::Texts),
    of("state", "/state", Type::Text),
    of("streetAddress", "/streetAddress", Type::Text),
    of("surname", "/surname", Type::Text),
    of("telephoneNumber", "/businessPhones/0", Type::Text),
    of("usageLocation", "/usageLocation", Type::Text),
    of("userPrincipalName", "/userPrincipalName", Type::Text),
    of("userType", "/userType", Type::Text),
];

/// The property of this name, without regard to case.
pub(super) fn find(name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|property| property.rule_name.eq_ignore_ascii_case(name))
}
