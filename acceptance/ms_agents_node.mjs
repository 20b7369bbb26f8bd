// @microsoft/agents-hosting 1.8 (Microsoft 365 Agents SDK for JavaScript), unmodified: it speaks for agents that were
// provisioned through the directory, and as a resource server it judges our tokens by our keys.
//
//     fixture.py --peer -- node --no-warnings ms_agents_node.mjs
//
// Where this differs from the client's own suite, a comment says why.
import { done, expect, facts, load, skip } from './client.mjs'

const { AuthType, MsalTokenProvider, authorizeJWT } = await load('@microsoft/agents-hosting')
const { url: base, tenant_id: tenant, agent_app_id: agent, blueprint_app_id: blueprint } = facts

function configured(extra) {
  const own = { clientId: blueprint, tenantId: tenant, authorityEndpoint: base, authority: base, ...extra }
  own.connections = new Map([['svc', own]])
  return own
}

const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
const t1 = (credential, id) => () => new MsalTokenProvider(configured(credential)).getAgenticApplicationToken(tenant, id)
const isFor = (id) => (token) => claims(token).sub.endsWith(`/${id}`)

async function credentials() {
  // The SDK keeps T1 by agent, whatever it was got with. The suite makes up agents; T1 is given for living ones alone.
  const [second, third, fourth] = facts.more_agents
  const secret = { authType: AuthType.ClientSecret, clientSecret: facts.blueprint_secret }
  await expect('getAgenticApplicationToken (fmi_path)', t1(secret, agent), isFor(agent))
  const certificate = { authType: AuthType.Certificate, certPemFile: facts.cred_crt, certKeyFile: facts.cred_key, sendX5C: true }
  await expect('certificate: PS256, x5t#S256, x5c given as a PEM STRING', t1(certificate, second), isFor(second))
  const workload = { authType: AuthType.WorkloadIdentity, federatedTokenFile: facts.federated_token_file }
  await expect('workload identity file', t1(workload, third), isFor(third))
  await expect('a wrong secret is refused', async () => {
    try {
      return await t1({ ...secret, clientSecret: 'wrong' }, fourth)()
    } catch (error) {
      return `refused: ${error.message}`
    }
  }, (answer) => /^refused/.test(answer))
}

/** The agent's own token for a resource, in the two steps of the protocol. */
async function agentToken() {
  const ask = async (form) => {
    const answer = await fetch(`${base}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) })
    return (await answer.json()).access_token
  }
  const grant = { grant_type: 'client_credentials' }
  const first = await ask({
    ...grant, client_id: blueprint, client_secret: facts.blueprint_secret, fmi_path: agent,
    scope: 'api://AzureADTokenExchange/.default',
  })
  return ask({
    ...grant, client_id: agent, client_assertion: first, scope: facts.resource_scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
}

/** The middleware judges a token of an agent. The suite has a blueprint ask for a token for itself, which it may not. */
async function resourceServer() {
  const token = await agentToken()
  const audience = facts.resource_app_id
  const judge = (sent, config) => new Promise((resolve) => {
    const request = { method: 'POST', headers: { authorization: `Bearer ${sent}` } }
    const response = { status: (status) => ({ send: (body) => resolve({ status, body }) }) }
    authorizeJWT(config)(request, response, () => resolve({ user: request.user }))
  })
  const accepted = (answer) => answer.user?.aud === audience && answer.user.azp === agent
  await expect('authorizeJWT accepts our token', () => judge(token, configured({ clientId: audience })), accepted)
  const issuers = [`${base}/${tenant}/v2.0`]
  await expect('authorizeJWT with validateIssuer + issuers=[ours]', () =>
    judge(token, configured({ clientId: audience, validateIssuer: true, issuers })), accepted)
  await expect('authorizeJWT refuses a tampered token', () =>
    judge(`${token.slice(0, -6)}AAAAAA`, configured({ clientId: audience })), (answer) => answer.status === 401)
  await expect('authorizeJWT refuses a token for another audience', () =>
    judge(token, configured()), (answer) => answer.status === 401)
}

function later() {
  skip('getAgenticInstanceToken', "its MSAL asks the vendor's cloud first and cannot be told otherwise")
  skip('getAgenticUserToken (user_fic)', 'needs tokens of agent users, which a later issue brings')
  skip('http authority works for leg 1 (plain fetch)', 'the server speaks https alone')
  for (const name of ['healthz', 'blueprint token', 'instance token', 'user token']) skip(`sidecar ${name}`, 'a later issue brings it')
}

await credentials()
await resourceServer()
later()
done()
