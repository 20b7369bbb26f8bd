// An identity provider that Signet did not write: oidc-provider 9 from npm, on https://localhost:PEER_PORT.
// Its client `workload-1` gets a JWT by client_credentials; that JWT is the assertion of a federated credential.
// Packages lie in $NODE_CLIENTS/node_modules; PEER_DIR holds peer.key and peer.pem. Prints `serving ISSUER` when it is up.
import fs from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(path.join(process.env.NODE_CLIENTS, 'package.json'))
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')))

const port = Number(process.env.PEER_PORT)
const issuer = `https://localhost:${port}`
const file = (name) => fs.readFileSync(path.join(process.env.PEER_DIR, name))

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'workload-1',
      client_secret: process.env.PEER_SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'api://AzureADTokenExchange',
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, resource) => ({
        scope: '',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3000,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
})

const server = https.createServer({ key: file('peer.key'), cert: file('peer.pem') }, provider.callback())
server.listen(port, '127.0.0.1', () => console.log(`serving ${issuer}`))
