//! The types of values of the directory, as CSDL has them.

use signet_graph::{ComplexType, Property, PropertyType};

/// A text of which nothing more is said here.
const fn text(name: &'static str) -> Property {
    Property::new(name, PropertyType::String(8192))
}

/// Of people.
pub(super) const OF_PEOPLE: &[ComplexType] = &[
    ComplexType {
        name: "assignedLicense",
        properties: &[Property::new("disabledPlans", PropertyType::Guids), Property::new("skuId", PropertyType::Guid)],
    },
    ComplexType {
        name: "assignedPlan",
        properties: &[
            Property::new("assignedDateTime", PropertyType::DateTime),
            text("capabilityStatus"),
            text("service"),
            Property::new("servicePlanId", PropertyType::Guid),
        ],
    },
    ComplexType {
        name: "authorizationInfo",
        properties: &[Property::new("certificateUserIds", PropertyType::Strings)],
    },
    ComplexType { name: "employeeOrgData", properties: &[text("costCenter"), text("division")] },
    ComplexType {
        name: "licenseAssignmentState",
        properties: &[
            text("assignedByGroup"),
            Property::new("disabledPlans", PropertyType::Guids),
            text("error"),
            Property::new("lastUpdatedDateTime", PropertyType::DateTime),
            Property::new("skuId", PropertyType::Guid),
            text("state"),
        ],
    },
    ComplexType { name: "objectIdentity", properties: &[text("issuer"), text("issuerAssignedId"), text("signInType")] },
    ComplexType {
        name: "onPremisesExtensionAttributes",
        properties: &[
            text("extensionAttribute1"),
            text("extensionAttribute10"),
            text("extensionAttribute11"),
            text("extensionAttribute12"),
            text("extensionAttribute13"),
            text("extensionAttribute14"),
            text("extensionAttribute15"),
            text("extensionAttribute2"),
            text("extensionAttribute3"),
            text("extensionAttribute4"),
            text("extensionAttribute5"),
            text("extensionAttribute6"),
            text("extensionAttribute7"),
            text("extensionAttribute8"),
            text("extensionAttribute9"),
        ],
    },
    ComplexType {
        name: "onPremisesProvisioningError",
        properties: &[
            text("category"),
            Property::new("occurredDateTime", PropertyType::DateTime),
            text("propertyCausingError"),
            text("value"),
        ],
    },
    ComplexType {
        name: "passwordProfile",
        properties: &[
            Property::new("forceChangePasswordNextSignIn", PropertyType::Boolean),
            Property::new("forceChangePasswordNextSignInWithMfa", PropertyType::Boolean),
            text("password"),
        ],
    },
    ComplexType {
        name: "provisionedPlan",
        properties: &[text("capabilityStatus"), text("provisioningStatus"), text("service")],
    },
    ComplexType {
        name: "serviceProvisioningError",
        properties: &[
            Property::new("createdDateTime", PropertyType::DateTime),
            Property::new("isResolved", PropertyType::Boolean),
            text("serviceInstance"),
        ],
    },
    ComplexType {
        name: "signInActivity",
        properties: &[
            Property::new("lastNonInteractiveSignInDateTime", PropertyType::DateTime),
            text("lastNonInteractiveSignInRequestId"),
            Property::new("lastSignInDateTime", PropertyType::DateTime),
            text("lastSignInRequestId"),
            Property::new("lastSuccessfulSignInDateTime", PropertyType::DateTime),
            text("lastSuccessfulSignInRequestId"),
        ],
    },
];

/// Of groups.
pub(super) const OF_GROUPS: &[ComplexType] = &[
    ComplexType { name: "assignedLabel", properties: &[text("displayName"), text("labelId")] },
    ComplexType { name: "licenseProcessingState", properties: &[text("state")] },
];

/// Of applications, and of service principals.
pub(super) const OF_APPLICATIONS: &[ComplexType] = &[
    ComplexType {
        name: "apiApplication",
        properties: &[
            Property::new("acceptMappedClaims", PropertyType::Boolean),
            Property::new("knownClientApplications", PropertyType::Guids),
            Property::new("oauth2PermissionScopes", PropertyType::Complexes("permissionScope")),
            Property::new("preAuthorizedApplications", PropertyType::Complexes("preAuthorizedApplication")),
            Property::new("requestedAccessTokenVersion", PropertyType::Int32),
        ],
    },
    ComplexType {
        name: "appRole",
        properties: &[
            Property::new("allowedMemberTypes", PropertyType::Strings),
            text("description"),
            text("displayName"),
            Property::new("id", PropertyType::Guid),
            Property::new("isEnabled", PropertyType::Boolean),
            text("origin"),
            text("value"),
        ],
    },
    ComplexType {
        name: "certification",
        properties: &[
            text("certificationDetailsUrl"),
            Property::new("certificationExpirationDateTime", PropertyType::DateTime),
            Property::new("isCertifiedByMicrosoft", PropertyType::Boolean),
            Property::new("isPublisherAttested", PropertyType::Boolean),
            Property::new("lastCertificationDateTime", PropertyType::DateTime),
        ],
    },
    ComplexType {
        name: "implicitGrantSettings",
        properties: &[
            Property::new("enableAccessTokenIssuance", PropertyType::Boolean),
            Property::new("enableIdTokenIssuance", PropertyType::Boolean),
        ],
    },
    ComplexType {
        name: "informationalUrl",
        properties: &[
            text("logoUrl"),
            text("marketingUrl"),
            text("privacyStatementUrl"),
            text("supportUrl"),
            text("termsOfServiceUrl"),
        ],
    },
    ComplexType {
        name: "optionalClaim",
        properties: &[
            Property::new("additionalProperties", PropertyType::Strings),
            Property::new("essential", PropertyType::Boolean),
            text("name"),
            text("source"),
        ],
    },
    ComplexType {
        name: "optionalClaims",
        properties: &[
            Property::new("accessToken", PropertyType::Complexes("optionalClaim")),
            Property::new("idToken", PropertyType::Complexes("optionalClaim")),
            Property::new("saml2Token", PropertyType::Complexes("optionalClaim")),
        ],
    },
    ComplexType {
        name: "permissionScope",
        properties: &[
            text("adminConsentDescription"),
            text("adminConsentDisplayName"),
            Property::new("id", PropertyType::Guid),
            Property::new("isEnabled", PropertyType::Boolean),
            text("origin"),
            text("type"),
            text("userConsentDescription"),
            text("userConsentDisplayName"),
            text("value"),
        ],
    },
    ComplexType {
        name: "preAuthorizedApplication",
        properties: &[text("appId"), Property::new("delegatedPermissionIds", PropertyType::Strings)],
    },
    ComplexType {
        name: "publicClientApplication",
        properties: &[Property::new("redirectUris", PropertyType::Strings)],
    },
    ComplexType {
        name: "redirectUriSettings",
        properties: &[Property::new("index", PropertyType::Int32), text("uri")],
    },
    ComplexType {
        name: "requiredResourceAccess",
        properties: &[
            Property::new("resourceAccess", PropertyType::Complexes("resourceAccess")),
            text("resourceAppId"),
        ],
    },
    ComplexType { name: "resourceAccess", properties: &[Property::new("id", PropertyType::Guid), text("type")] },
    ComplexType { name: "spaApplication", properties: &[Property::new("redirectUris", PropertyType::Strings)] },
    ComplexType {
        name: "verifiedPublisher",
        properties: &[
            Property::new("addedDateTime", PropertyType::DateTime),
            text("displayName"),
            text("verifiedPublisherId"),
        ],
    },
    ComplexType {
        name: "webApplication",
        properties: &[
            text("homePageUrl"),
            Property::new("implicitGrantSettings", PropertyType::Complex("implicitGrantSettings")),
            text("logoutUrl"),
            Property::new("redirectUris", PropertyType::Strings),
            Property::new("redirectUriSettings", PropertyType::Complexes("redirectUriSettings")),
        ],
    },
];

/// Of roles.
pub(super) const OF_ROLES: &[ComplexType] = &[ComplexType {
    name: "unifiedRolePermission",
    properties: &[
        Property::new("allowedResourceActions", PropertyType::Strings),
        text("condition"),
        Property::new("excludedResourceActions", PropertyType::Strings),
    ],
}];

/// Of the organization: as CSDL has them, and Signet's own.
pub(super) const OF_ORGANIZATIONS: &[ComplexType] = &[
    ComplexType {
        name: "agentNaming",
        properties: &[Property::new("isEnforced", PropertyType::Boolean), text("pattern")],
    },
    ComplexType {
        name: "credentialChangeApproval",
        properties: &[
            Property::new("isRequired", PropertyType::Boolean),
            Property::new("expiresAfterHours", PropertyType::Int32),
        ],
    },
    ComplexType { name: "directorySizeQuota", properties: &[Property::new("total", PropertyType::Int32)] },
    ComplexType {
        name: "resourceQuota",
        properties: &[text("resourceType"), Property::new("maxPercentage", PropertyType::Int32)],
    },
    ComplexType {
        name: "verifiedDomain",
        properties: &[
            text("name"),
            text("type"),
            Property::new("isDefault", PropertyType::Boolean),
            Property::new("isInitial", PropertyType::Boolean),
        ],
    },
];

/// Of orphaned objects: Signet's own.
pub(super) const OF_ORPHANS: &[ComplexType] = &[ComplexType {
    name: "missingReference",
    properties: &[text("property"), Property::new("id", PropertyType::Guid)],
}];
