#!/usr/bin/env python3
"""What people do with the Graph SDK for Python beyond single calls, against the built server: every query option,
pages, delta, batches with dependencies, groups, units, attributes, deleted items, alternate keys, ETags, upsert.

    fixture.py -- VENV/bin/python graph_sdk_more.py
"""
import asyncio
import os
import time

from graph_sdk import FACTS, Graph, fresh, person, query, refused, step

from checks import check, done
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_http.middleware.options.headers_inspection_handler_option import HeadersInspectionHandlerOption
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

AGENTS = 7


def names(answer):
    return [one.display_name for one in answer.value]


def listed(builder, **parameters):
    """GETs a collection with query parameters and the header that Graph wants for the harder ones."""
    return builder.get(request_configuration=query(builder, {"ConsistencyLevel": "eventual"}, **parameters))


async def people(graph):
    """A person and a mutable stem for the names of this run."""
    kind, name = graph.model("User"), fresh("grace")
    return await step("POST /users", graph.client.users.post(kind(
        display_name=name, user_principal_name=f"{name}@contoso.test", mail_nickname=name, account_enabled=True)),
        lambda result: isinstance(result, kind) and result.id)


async def family(graph, grace):
    """A blueprint of its own with agents to list; answers both."""
    client, bound = graph.client, {"sponsors@odata.bind": [person(FACTS["sponsor_id"]), person(grace.id)]}
    blueprint = await client.applications.post(graph.model("AgentIdentityBlueprint")(
        display_name=fresh("family"), tags=["red", "blue"], additional_data=dict(bound)))
    await client.service_principals.post(graph.model("AgentIdentityBlueprintPrincipal")(app_id=blueprint.app_id))
    begun, agents = time.monotonic(), []
    for number in range(AGENTS):
        agents.append(await client.service_principals.post(graph.model("AgentIdentity")(
            display_name=f"Agent {number}", agent_identity_blueprint_id=blueprint.app_id, additional_data=dict(bound))))
    check("agents are created one after the other, with no delay between", len(agents) == AGENTS, time.monotonic() - begun)
    return blueprint, agents


async def filters(graph, blueprint):
    """$filter, $orderby, $search, $count, $top, $skip."""
    principals = graph.client.service_principals
    mine = f"agentIdentityBlueprintId eq '{blueprint.app_id}'"
    for text, expected in [
        (mine, range(AGENTS)),
        (f"{mine} and startswith(displayName,'Agent 3')", [3]),
        (f"{mine} and endswith(tolower(displayName),'t 4')", [4]),
        (f"{mine} and displayName in ('Agent 1','Agent 2','Nobody')", [1, 2]),
        (f"{mine} and not (displayName ne 'Agent 5')", [5]),
        (f"{mine} and contains(displayName,'6') and accountEnabled eq true", [6]),
        (f"{mine} and createdDateTime gt 2020-01-01T00:00:00Z and length(displayName) eq 7", range(AGENTS)),
        (f"{mine} and accountEnabled eq false", []),
    ]:
        await step(f"$filter={text.replace(blueprint.app_id, '{appId}')}",
                   listed(principals, filter=text, orderby=["displayName"], count=True),
                   lambda page, expected=expected: names(page) == [f"Agent {n}" for n in expected]
                   and page.odata_count == len(names(page)))
    await step("$orderby=displayName desc with $top and $skip",
               listed(principals, filter=mine, orderby=["displayName desc"], top=2, skip=1),
               lambda page: names(page) == ["Agent 5", "Agent 4"])
    await step('$search="displayName:family"', listed(graph.client.applications, search='"displayName:family"'),
               lambda page: names(page) == [blueprint.display_name])
    await step("$filter=tags/any(t:t eq 'red')", listed(graph.client.applications, filter="tags/any(t:t eq 'red')"),
               lambda page: names(page) == [blueprint.display_name])
    await step("/$count with $filter", listed(principals.count, filter=mine), lambda number: number == AGENTS)
    await refused("an option that cannot be obeyed is refused, not ignored",
                  listed(principals, filter="colour eq 'red'"), 400)


async def pages(graph, blueprint):
    """PageIterator over pages of two, with an order and a filter that every next link keeps."""
    principals, seen = graph.client.service_principals, []
    page = await listed(principals, filter=f"agentIdentityBlueprintId eq '{blueprint.app_id}'", top=2,
                        orderby=["displayName"], select=["id", "displayName"])
    await step("PageIterator: every agent once, in order",
               PageIterator(page, graph.adapter).iterate(lambda one: seen.append(one.display_name) or True),
               lambda _: seen == [f"Agent {n}" for n in range(AGENTS)])


async def expansions(graph, blueprint, grace):
    """$expand with options of its own; relations read back typed."""
    one = graph.client.applications.by_application_id(blueprint.id)
    await step("$expand=owners($select=id)", one.get(request_configuration=query(one, expand=["owners($select=id)"])),
               lambda result: result.owners is not None)
    user = graph.model("User")
    address = graph.address(f"/applications/{blueprint.id}/microsoft.graph.agentIdentityBlueprint/sponsors")
    await step("sponsors come with names and types", graph.client.directory_objects.with_url(address).get(),
               lambda page: sorted(one.id for one in page.value) == sorted([FACTS["sponsor_id"], grace.id])
               and all(isinstance(one, user) and one.display_name for one in page.value))


async def deltas(graph, blueprint):
    """What changed since: an addition, a change, a removal."""
    users, kind, name = graph.client.users, graph.model("User"), fresh("delta")

    async def since(link=None):
        seen, page = {}, await (users.delta.with_url(link) if link else users.delta).get()
        while True:
            seen |= {one.id: one for one in page.value}
            if not page.odata_next_link:
                return seen, page.odata_delta_link
            page = await users.delta.with_url(page.odata_next_link).get()

    everything, link = await since()
    check("GET /users/delta begins with all that is there", FACTS["sponsor_id"] in everything and link, link)
    made = await users.post(kind(display_name=name, user_principal_name=f"{name}@contoso.test", mail_nickname=name,
                                 account_enabled=True))
    changed, link = await since(link)
    check("delta: what was created since, at once", list(changed) == [made.id], changed)
    await users.by_user_id(made.id).patch(kind(display_name=f"{name}-2"))
    changed, link = await since(link)
    check("delta: what was changed since", [one.display_name for one in changed.values()] == [f"{name}-2"], changed)
    await users.by_user_id(made.id).delete()
    changed, link = await since(link)
    removed = changed.get(made.id)
    check("delta: what was removed since", removed is not None
          and removed.additional_data.get("@removed") is not None, changed)
    changed, _ = await since(link)
    check("delta: nothing since", changed == {}, changed)


async def batches(graph):
    """A batch whose requests build on one another; one that fails takes along what waits for it."""
    users, kind, name = graph.client.users, graph.model("User"), fresh("batch")
    made = users.to_post_request_information(kind(
        display_name=name, user_principal_name=f"{name}@contoso.test", mail_nickname=name, account_enabled=True))
    first = BatchRequestItem(made, id="make")
    missing = BatchRequestItem(users.by_user_id(FACTS["agent_app_id"]).to_get_request_information(), id="missing")
    after = BatchRequestItem(users.to_get_request_information(), id="after", depends_on=["missing"])
    read = BatchRequestItem(users.by_user_id(f"{name}@contoso.test").to_get_request_information(), id="read",
                            depends_on=["make"])
    content = BatchRequestContent()
    for item in (first, missing, after, read):
        content.add_request(item.id, item)
    await step("$batch with dependsOn", BatchRequestBuilder(graph.adapter).post(content),
               lambda result: {key: one.status for key, one in result.responses.items()} ==
               {"make": 201, "missing": 404, "after": 424, "read": 200})


async def groups(graph, agents, grace):
    """Assigned groups: members of several types, and what they are in through them."""
    client, reference = graph.client, graph.model("ReferenceCreate")
    kind, name = graph.model("Group"), fresh("crew")
    group = await step("POST /groups", client.groups.post(kind(
        display_name=name, mail_nickname=name, mail_enabled=False, security_enabled=True)), lambda result: result.id)
    members = client.groups.by_group_id(group.id).members
    for one in (grace, agents[0]):
        await members.ref.post(reference(odata_id=f"https://graph.microsoft.com/v1.0/directoryObjects/{one.id}"))
    await step("members are read back by their types", members.get(), lambda page: {type(one).__name__ for one in page.value}
               == {"User", "AgentIdentity"})
    await step("transitiveMemberOf of an agent",
               client.service_principals.by_service_principal_id(agents[0].id).transitive_member_of.get(),
               lambda page: [one.id for one in page.value] == [group.id])
    ask = graph.generated("users.item.check_member_groups.check_member_groups_post_request_body",
                          "CheckMemberGroupsPostRequestBody")
    await step("checkMemberGroups", client.users.by_user_id(grace.id).check_member_groups.post(ask(group_ids=[group.id])),
               lambda result: result.value == [group.id])
    await members.by_directory_object_id(grace.id).ref.delete()
    await step("a member is taken out", members.get(), lambda page: [one.id for one in page.value] == [agents[0].id])


async def units(graph, grace):
    """Administrative units and their members."""
    client, kind, name = graph.client, graph.model("AdministrativeUnit"), fresh("unit")
    unit = await step("POST /directory/administrativeUnits",
                      client.directory.administrative_units.post(kind(display_name=name)),
                      lambda result: isinstance(result, kind) and result.id)
    one = client.directory.administrative_units.by_administrative_unit_id(unit.id)
    await one.members.ref.post(graph.model("ReferenceCreate")(odata_id=person(grace.id)))
    await step("administrativeUnits/{id}/members", one.members.get(), lambda page: [m.id for m in page.value] == [grace.id])


async def attributes(graph, agents):
    """Custom security attributes: defined, given to an agent, filtered by."""
    client, directory, name = graph.client, graph.client.directory, fresh("Set").replace("-", "")
    await step("POST /directory/attributeSets", directory.attribute_sets.post(
        graph.model("AttributeSet")(id=name, description="d", max_attributes_per_set=5)), lambda result: result.id == name)
    await step("POST /directory/customSecurityAttributeDefinitions", directory.custom_security_attribute_definitions.post(
        graph.model("CustomSecurityAttributeDefinition")(
            attribute_set=name, name="Project", type="String", status="Available", is_collection=False,
            is_searchable=True, use_pre_defined_values_only=False)), lambda result: result.id == f"{name}_Project")
    value = graph.model("CustomSecurityAttributeValue")(additional_data={
        name: {"@odata.type": "#Microsoft.DirectoryServices.CustomSecurityAttributeValue", "Project": "Orders"}})
    one = client.service_principals.by_service_principal_id(agents[1].id)
    await step("PATCH customSecurityAttributes of an agent",
               one.patch(graph.model("AgentIdentity")(custom_security_attributes=value)))
    await step("$select=customSecurityAttributes",
               one.get(request_configuration=query(one, select=["id", "customSecurityAttributes"])),
               lambda result: "Orders" in str(result.custom_security_attributes.additional_data[name]))
    await step("$filter by a custom security attribute",
               listed(client.service_principals, filter=f"customSecurityAttributes/{name}/Project eq 'Orders'", count=True),
               lambda page: [each.id for each in page.value] == [agents[1].id])


async def deleted(graph, agents):
    """An agent goes, is found among the deleted by its type, and comes back."""
    client, gone = graph.client, agents[2]
    await client.service_principals.by_service_principal_id(gone.id).delete()
    await refused("a deleted agent is not read", client.service_principals.by_service_principal_id(gone.id).get(), 404,
                  "Request_ResourceNotFound")
    items, kind = client.directory.deleted_items, graph.model("AgentIdentity")
    cast = items.graph_service_principal.with_url(graph.address("/directory/deletedItems/microsoft.graph.agentIdentity"))
    await step("deletedItems cast to agentIdentity", cast.get(), lambda page: [one.id for one in page.value] == [gone.id]
               and isinstance(page.value[0], kind))
    await step("deletedItems cast to servicePrincipal lists it too", items.graph_service_principal.get(),
               lambda page: gone.id in [one.id for one in page.value])
    await step("restore", items.by_directory_object_id(gone.id).restore.post(), lambda result: result.id == gone.id)
    await step("it is there again", client.service_principals.by_service_principal_id(gone.id).get(),
               lambda result: result.id == gone.id)


async def keys(graph, blueprint, grace):
    """Alternate keys."""
    client = graph.client
    await step("applications(appId='...')", client.applications_with_app_id(blueprint.app_id).get(),
               lambda result: result.id == blueprint.id)
    await step("servicePrincipals(appId='...')", client.service_principals_with_app_id(blueprint.app_id).get(),
               lambda result: result.app_id == blueprint.app_id)
    await step("users/{userPrincipalName}", client.users.by_user_id(grace.user_principal_name).get(),
               lambda result: result.id == grace.id)
    ask = graph.generated("directory_objects.get_by_ids.get_by_ids_post_request_body", "GetByIdsPostRequestBody")
    await step("directoryObjects/getByIds", client.directory_objects.get_by_ids.post(
        ask(ids=[grace.id, blueprint.id], types=["user", "application"])),
        lambda result: {type(one).__name__ for one in result.value} == {"User", "AgentIdentityBlueprint"})


async def preconditions(graph, blueprint):
    """ETag and If-Match."""
    one, kind = graph.client.applications.by_application_id(blueprint.id), graph.model("AgentIdentityBlueprint")
    seen = HeadersInspectionHandlerOption()
    await one.get(request_configuration=RequestConfiguration(options=[seen]))
    tag = next(iter(seen.response_headers.try_get("etag") or []), None)
    check("an ETag comes with every object", tag is not None, seen.response_headers)

    def if_match(value):
        return query(one, {"If-Match": value})

    await step("PATCH with the ETag that was read", one.patch(kind(description="first"), if_match(tag)))
    await refused("PATCH with an ETag of before is refused", one.patch(kind(description="second"), if_match(tag)), 412)
    await step("nothing was lost", one.get(), lambda result: result.description == "first")


async def upserts(graph):
    """Behaviour 11: PATCH by unique name with Prefer: create-if-missing."""
    name, kind = fresh("unique"), graph.model("AgentIdentityBlueprint")
    one = graph.client.applications_with_unique_name(name)
    body = kind(display_name="Upsert", additional_data={"sponsors@odata.bind": [person(FACTS["sponsor_id"])]})
    await refused("behaviour 11: without Prefer a missing one is 404", one.patch(kind(display_name="Upsert")), 404)

    def wish():
        return query(one, {"Prefer": "create-if-missing"})

    await step("behaviour 11: the first time it is created", one.patch(body, wish()),
               lambda result: isinstance(result, kind) and result.unique_name == name)
    await step("behaviour 11: the second time it is changed, and nothing is answered",
               one.patch(kind(display_name="Upsert again"), wish()), lambda result: result is None)
    await step("behaviour 11: it was one object all the time", one.get(),
               lambda result: result.display_name == "Upsert again")


async def main():
    graph = Graph(os.environ.get("GRAPH", "v1.0"))
    grace = await people(graph)
    blueprint, agents = await family(graph, grace)
    await filters(graph, blueprint)
    await pages(graph, blueprint)
    await expansions(graph, blueprint, grace)
    await deltas(graph, blueprint)
    await batches(graph)
    await groups(graph, agents, grace)
    await units(graph, grace)
    await attributes(graph, agents)
    await deleted(graph, agents)
    await keys(graph, blueprint, grace)
    await preconditions(graph, blueprint)
    await upserts(graph)
    await graph.close()


asyncio.run(main())
done()
