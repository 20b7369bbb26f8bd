// @microsoft/msgraph-sdk 1.0 preview (the typed Graph SDK for JavaScript), unmodified, over @azure/identity, against the
// built server: its models of agents are written and read back.
//
//     fixture.py -- node --no-warnings graph_sdk_node.mjs
//
// Of the fluent API only people's part is installed; the rest is asked by address, with the same models.
import { check, done, expect, facts, load } from './client.mjs'

const { ClientSecretCredential } = await load('@azure/identity')
const { HttpMethod, RequestInformation } = await load('@microsoft/kiota-abstractions')
const { AzureIdentityAuthenticationProvider } = await load('@microsoft/kiota-authentication-azure')
const { GraphRequestAdapter } = await load('@microsoft/msgraph-sdk')
const models = await load('@microsoft/msgraph-sdk/models/index.js')
const { createODataErrorFromDiscriminatorValue } = await load('@microsoft/msgraph-sdk/models/oDataErrors/index.js')
const { createUsersServiceClient } = await load('@microsoft/msgraph-sdk-users')

const root = `${facts.url}/v1.0`
const sponsors = [`https://graph.microsoft.com/v1.0/users/${facts.sponsor_id}`]

function adapter() {
  const credential = new ClientSecretCredential(facts.tenant_id, facts.admin_client_id, facts.admin_client_secret,
    { authorityHost: facts.url, disableInstanceDiscovery: true })
  const signIn = new AzureIdentityAuthenticationProvider(credential, [facts.directory_scope], undefined, new Set(['localhost']))
  const made = new GraphRequestAdapter(signIn)
  made.baseUrl = root
  return made
}

const graph = adapter()

/** One request by address: `body` is written by `write`, the answer is read as `read` says. */
function ask(method, path, read, body, write) {
  const request = new RequestInformation(HttpMethod[method])
  request.URL = root + path
  request.headers.add('Accept', 'application/json')
  if (body) request.setContentFromParsable(graph, 'application/json', body, write)
  return graph.send(request, read, { XXX: createODataErrorFromDiscriminatorValue })
}

const name = `js-${Date.now().toString(36)}`
const people = createUsersServiceClient(graph).users

async function persons() {
  const nick = `${name}-person`
  const made = await expect('users.post', () => people.post({
    displayName: 'Grace', userPrincipalName: `${nick}@contoso.test`, mailNickname: nick, accountEnabled: true,
  }), (user) => user.id)
  await expect('users.byUserId(id).get with $select', () =>
    people.byUserId(made.id).get({ queryParameters: { select: ['id', 'displayName'] } }), (user) => user.displayName === 'Grace')
  await expect('users.get with $filter and $count', () => people.get({
    queryParameters: { filter: `startswith(userPrincipalName,'${nick}')`, count: true },
    headers: { ConsistencyLevel: ['eventual'] },
  }), (page) => page.odataCount === 1 && page.value[0].id === made.id)
}

async function agents() {
  const blueprint = await expect('agentIdentityBlueprint is written and read as one', () =>
    ask('POST', '/applications', models.createAgentIdentityBlueprintFromDiscriminatorValue, {
      odataType: '#microsoft.graph.agentIdentityBlueprint', displayName: name,
      additionalData: { 'sponsors@odata.bind': sponsors },
    }, models.serializeAgentIdentityBlueprint),
  (made) => made.odataType === '#microsoft.graph.agentIdentityBlueprint' && made.appId)
  await expect('agentIdentityBlueprintPrincipal', () =>
    ask('POST', '/servicePrincipals', models.createAgentIdentityBlueprintPrincipalFromDiscriminatorValue, {
      odataType: '#microsoft.graph.agentIdentityBlueprintPrincipal', appId: blueprint.appId,
    }, models.serializeAgentIdentityBlueprintPrincipal),
  (made) => made.odataType === '#microsoft.graph.agentIdentityBlueprintPrincipal')
  const agent = await expect('agentIdentity', () =>
    ask('POST', '/servicePrincipals', models.createAgentIdentityFromDiscriminatorValue, {
      odataType: '#microsoft.graph.agentIdentity', displayName: 'Agent', agentIdentityBlueprintId: blueprint.appId,
      additionalData: { 'sponsors@odata.bind': sponsors },
    }, models.serializeAgentIdentity),
  (made) => made.agentIdentityBlueprintId === blueprint.appId && made.createdDateTime instanceof Date)
  await expect('agentUser, read by its parent', async () => {
    await ask('POST', '/users', models.createAgentUserFromDiscriminatorValue, {
      odataType: '#microsoft.graph.agentUser', displayName: 'Clerk', userPrincipalName: `${name}@contoso.test`,
      mailNickname: name, accountEnabled: true, additionalData: { identityParentId: agent.id },
    }, models.serializeAgentUser)
    return people.byUserId(`${name}@contoso.test`).get()
  }, (user) => user.odataType === '#microsoft.graph.agentUser' && user.identityParentId === agent.id)
  const filter = encodeURIComponent(`agentIdentityBlueprintId eq '${blueprint.appId}'`)
  await expect('a list of service principals holds agents as agents', () =>
    ask('GET', `/servicePrincipals?$filter=${filter}&$count=true`,
      models.createServicePrincipalCollectionResponseFromDiscriminatorValue),
  (page) => page.odataCount === 1 && page.value[0].agentIdentityBlueprintId === blueprint.appId)
  return agent
}

async function errors(agent) {
  try {
    await ask('PATCH', `/servicePrincipals/${agent.id}`, models.createAgentIdentityFromDiscriminatorValue,
      { agentIdentityBlueprintId: facts.blueprint_app_id }, models.serializeAgentIdentity)
    check('behaviour 10: the blueprint of an agent is fixed', false, 'it was changed')
  } catch (error) {
    check('behaviour 10: the blueprint of an agent is fixed', error.responseStatusCode === 400 && error.errorEscaped?.code,
      error.message)
  }
}

await persons()
const agent = await agents()
if (agent) await errors(agent)
done()
