// An OpenID provider nobody here wrote (npm's oidc-provider), with three people and their groups. Arguments: its port, and the
// address to send browsers back to. It prints its issuer when it answers. Modules come from WHEELHOUSE_TEST_NODE.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [port, back] = process.argv.slice(2);
const require = createRequire(`${process.env.WHEELHOUSE_TEST_NODE}/node_modules/`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const groups = { grace: ['staff', 'it'], linus: ['staff'], mallory: [] };
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'wheelhouse',
      client_secret: 'a-secret-that-only-this-test-knows',
      redirect_uris: [back],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  cookies: { keys: ['not a secret'] },
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.com`,
      email_verified: id !== 'mallory',
      name: id,
      groups: groups[id] ?? [],
    }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log(issuer));
