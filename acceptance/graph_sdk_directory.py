#!/usr/bin/env python3
"""The rest of the directory as people reach it with the Graph SDK for Python: managers, owners and casts, roles and
their scopes, policies, the organization, delta of other sets, what is counted through relations.

    fixture.py -- VENV/bin/python graph_sdk_directory.py
"""
import asyncio
import uuid

from graph_sdk import FACTS, Graph, fresh, query, refused, step

from checks import check, done
from kiota_abstractions.base_request_configuration import RequestConfiguration

AGENT_ID_ADMINISTRATOR = "db506228-d27e-4b7d-95e5-295956d6615f"
EVENTUAL = {"ConsistencyLevel": "eventual"}


async def person(graph, stem):
    """A person."""
    name = fresh(stem)
    return await graph.client.users.post(graph.model("User")(
        display_name=name, user_principal_name=f"{name}@contoso.test", mail_nickname=name, account_enabled=True))


def directory_object(graph, identifier):
    """A reference as the SDK binds one."""
    return graph.model("ReferenceCreate")(odata_id=f"https://graph.microsoft.com/v1.0/directoryObjects/{identifier}")


def update_of(graph, identifier):
    """A reference as the SDK sets a single one."""
    return graph.model("ReferenceUpdate")(odata_id=f"https://graph.microsoft.com/v1.0/users/{identifier}")


async def managers(graph, ada, grace):
    """A manager is set, found from both ends, and taken away."""
    one, other = graph.client.users.by_user_id(ada.id), graph.client.users.by_user_id(grace.id)
    await step("PUT manager/$ref", one.manager.ref.put(update_of(graph, grace.id)))
    await step("GET manager", one.manager.get(), lambda result: result.id == grace.id
               and isinstance(result, graph.model("User")))
    await step("$expand=manager($select=displayName)",
               one.get(request_configuration=query(one, expand=["manager($select=id,displayName)"])),
               lambda result: result.manager.id == grace.id)
    await step("GET directReports", other.direct_reports.get(), lambda page: [each.id for each in page.value] == [ada.id])
    await step("DELETE manager/$ref", one.manager.ref.delete())
    await refused("no manager is 404", one.manager.get(), 404)


async def owners(graph, ada):
    """Owners of an application: casts of a relation, counts through one, what a person owns."""
    client = graph.client
    made = await client.applications.post(graph.model("Application")(display_name=fresh("ledger")))
    one = client.applications.by_application_id(made.id)
    await step("POST owners/$ref", one.owners.ref.post(directory_object(graph, ada.id)))
    await step("owners cast to user", one.owners.graph_user.get(), lambda page: [each.id for each in page.value] == [ada.id])
    await step("owners cast to user, counted", one.owners.graph_user.count.get(
        request_configuration=query(one.owners.graph_user.count, EVENTUAL)), lambda number: number == 1)
    await step("$filter=owners/$count eq 1 and startswith",
               client.applications.get(request_configuration=query(
                   client.applications, EVENTUAL, filter="owners/$count eq 1 and startswith(displayName,'ledger')",
                   count=True)), lambda page: [each.id for each in page.value] == [made.id])
    await step("$filter by the id of an owner",
               client.applications.get(request_configuration=query(
                   client.applications, EVENTUAL, filter=f"owners/any(o:o/id eq '{ada.id}')")),
               lambda page: [each.id for each in page.value] == [made.id])
    await step("ownedObjects of the person", client.users.by_user_id(ada.id).owned_objects.get(),
               lambda page: [each.id for each in page.value] == [made.id])
    await one.owners.by_directory_object_id(ada.id).ref.delete()
    await step("an owner is taken away", one.owners.graph_user.get(), lambda page: page.value == [])


async def roles(graph, ada):
    """Built-in and custom roles, and an assignment scoped to a unit."""
    directory = graph.client.role_management.directory
    await step("roleManagement/directory/roleDefinitions", directory.role_definitions.get(
        request_configuration=query(directory.role_definitions, filter="displayName eq 'Agent ID Administrator'")),
        lambda page: [each.id for each in page.value] == [AGENT_ID_ADMINISTRATOR])
    permission = graph.model("UnifiedRolePermission")(
        allowed_resource_actions=["microsoft.directory/agentIdentities/disable"])
    role = await step("a custom role for an action of agents", directory.role_definitions.post(
        graph.model("UnifiedRoleDefinition")(display_name=fresh("switch"), description="d", is_enabled=True,
                                             role_permissions=[permission])), lambda result: result.is_built_in is False)
    unit = await graph.client.directory.administrative_units.post(
        graph.model("AdministrativeUnit")(display_name=fresh("unit")))
    definition = role.id if role else AGENT_ID_ADMINISTRATOR
    made = await step("it is assigned in an administrative unit", directory.role_assignments.post(
        graph.model("UnifiedRoleAssignment")(principal_id=ada.id, role_definition_id=definition,
                                             directory_scope_id=f"/administrativeUnits/{unit.id}")),
                      lambda result: result.id)
    await step("roleAssignments of a principal", directory.role_assignments.get(request_configuration=query(
        directory.role_assignments, filter=f"principalId eq '{ada.id}'")),
        lambda page: [each.id for each in page.value] == [made.id])
    await step("$expand=roleDefinition,principal", directory.role_assignments.get(request_configuration=query(
        directory.role_assignments, filter=f"principalId eq '{ada.id}'", expand=["roleDefinition", "principal"])),
        lambda page: page.value[0].role_definition.id == definition and page.value[0].principal.id == ada.id)
    await step("DELETE roleAssignments/{id}",
               directory.role_assignments.by_unified_role_assignment_id(made.id).delete())


async def tenant(graph):
    """The organization and the policies."""
    client, policies = graph.client, graph.client.policies
    await step("organization", client.organization.get(), lambda page: [each.id for each in page.value] == [FACTS["tenant_id"]])
    await step("policies/authorizationPolicy", policies.authorization_policy.get(), lambda result: result.id)
    await step("policies/appManagementPolicies", policies.app_management_policies.get(), lambda page: page.value == [])
    await step("policies/defaultAppManagementPolicy", policies.default_app_management_policy.get(), lambda result: result.id)
    await step("policies/permissionGrantPolicies", policies.permission_grant_policies.get(),
               lambda page: page.value is not None)


async def deltas(graph):
    """Delta of other sets; $deltatoken=latest skips to now."""
    client = graph.client
    for name, builder in {"groups": client.groups, "servicePrincipals": client.service_principals,
                          "applications": client.applications, "oauth2PermissionGrants": client.oauth2_permission_grants,
                          "directoryObjects": client.directory_objects}.items():
        await step(f"{name}/delta", builder.delta.get(), lambda page: page.odata_delta_link or page.odata_next_link)
    latest = client.users.delta.with_url(graph.address("/users/delta?$deltatoken=latest"))
    page = await step("users/delta?$deltatoken=latest", latest.get(), lambda page: page.value == [] and page.odata_delta_link)
    if page:
        made = await person(graph, "later")
        await step("what came after it", client.users.delta.with_url(page.odata_delta_link).get(),
                   lambda page: [each.id for each in page.value] == [made.id])


async def rules(graph):
    """A group whose members follow from a rule."""
    team, client = fresh("team").replace("-", ""), graph.client
    group = await step("a group with a membership rule", client.groups.post(graph.model("Group")(
        display_name=team, mail_nickname=team, mail_enabled=False, security_enabled=True,
        group_types=["DynamicMembership"], membership_rule=f'user.department -eq "{team}"',
        membership_rule_processing_state="On")), lambda result: result.membership_rule)
    one = await person(graph, "joins")
    await client.users.by_user_id(one.id).patch(graph.model("User")(department=team))
    members = client.groups.by_group_id(group.id).members
    await step("its members follow, at once", members.get(), lambda page: [each.id for each in page.value] == [one.id])
    await refused("nobody is put in by hand", members.ref.post(directory_object(graph, FACTS["sponsor_id"])), 400)


async def agents(graph):
    """What agents own, hold and are in; who is assigned a resource."""
    client, agent = graph.client, FACTS["agent_app_id"]
    one = client.service_principals.by_service_principal_id(agent)
    await step("appRoleAssignments of an agent", one.app_role_assignments.get(),
               lambda page: [str(each.resource_id) for each in page.value] == [FACTS["resource_principal_id"]])
    await step("appRoleAssignedTo of the resource",
               client.service_principals.by_service_principal_id(FACTS["resource_principal_id"]).app_role_assigned_to.get(),
               lambda page: [str(each.principal_id) for each in page.value] == [agent])
    for name in ("owned_objects", "created_objects", "member_of"):
        await step(f"{name} of an agent", getattr(one, name).get(), lambda page: page.value is not None)
    await step("$filter=isof and ne", client.service_principals.get(request_configuration=query(
        client.service_principals, EVENTUAL, count=True,
        filter="isof('microsoft.graph.agentIdentity') and accountEnabled ne false")),
        lambda page: page.odata_count >= 1 and all(isinstance(each, graph.model("AgentIdentity")) for each in page.value))
    body = graph.model("AgentIdentity")(tags=["vip"])
    wish = RequestConfiguration()
    wish.headers.add("Prefer", "return=representation")
    await step("Prefer: return=representation", one.patch(body, wish),
               lambda result: result is not None and result.tags == ["vip"])
    await refused("an unknown object", client.service_principals.by_service_principal_id(str(uuid.uuid4())).get(), 404,
                  "Request_ResourceNotFound")


async def main():
    graph = Graph()
    ada, grace = await person(graph, "ada"), await person(graph, "grace")
    check("a fresh person is read back", (await graph.client.users.by_user_id(ada.id).get()).id == ada.id)
    for part in (managers(graph, ada, grace), owners(graph, ada), roles(graph, ada), tenant(graph), deltas(graph),
                 rules(graph), agents(graph)):
        await part
    await graph.close()


asyncio.run(main())
done()
