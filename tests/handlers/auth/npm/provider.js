// A real OpenID Connect provider on loopback: node provider.js <port> <client id> <client secret> <redirect uri>
import { Provider } from 'oidc-provider';

const [port, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'locale'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `${id} of the provider`, email: `${id}@example.org`, email_verified: true, locale: 'es' }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
