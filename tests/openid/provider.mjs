// Two certified OpenID providers (oidc-provider) for the tests, on ports of their own. They sign in whomever a test
// tells them to, without asking. Prints {"one": issuer, "two": issuer} once both listen; ends when its input does.
//
// POST /test to either: what it is told replaces what it was told before, in {
//   now      seconds: what its clock shows from now on
//   sub      who signs in;  claims: what is said of them;  amr, acr: how they did
//   clients  [{client_id, client_secret, redirect_uris}]
//   in_token whether claims are in the ID token, or only where the access token is shown
//   rotate   true: it signs with a new key from now on
//   decline  true: whoever comes is refused
// }
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const realNow = Date.now;
let shift = 0;
Date.now = () => realNow() + shift;
console.warn = () => {};
console.info = () => {};

const CLAIMS = ['name', 'given_name', 'family_name', 'email', 'email_verified', 'groups', 'hd'];

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
}

async function body(request) {
  let text = '';
  for await (const part of request) text += part;
  return JSON.parse(text);
}

function listen() {
  const server = createServer();
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server)));
}

async function serve() {
  const server = await listen();
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let told = { sub: 'nobody', claims: {}, clients: [], amr: ['pwd'], in_token: true };
  let key = signingKey();
  let provider;

  function build() {
    provider = new Provider(issuer, {
      clients: told.clients,
      jwks: { keys: [key] },
      cookies: { keys: ['a key of the tests'] },
      conformIdTokenClaims: !told.in_token,
      claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], profile: CLAIMS, email: [] },
      features: { devInteractions: { enabled: false } },
      pkce: { required: () => true, methods: ['S256'] },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...told.claims, sub }) }),
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
      async loadExistingGrant(ctx) {
        const { client, session } = ctx.oidc;
        const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
        grant.addOIDCScope('openid profile email');
        await grant.save();
        return grant;
      },
    });
  }

  async function answer(request, response) {
    // A browser goes by its own clock: what it is to keep, it keeps until it is closed.
    const setHeader = response.setHeader.bind(response);
    response.setHeader = (name, value) => setHeader(name, name.toLowerCase() === 'set-cookie'
      ? [value].flat().map((each) => each.replace(/; expires=(?!Thu, 01 Jan 1970)[^;]*/i, ''))
      : value);
    if (request.url === '/test') {
      const { rotate, now, ...more } = await body(request);
      if (now !== undefined) shift = now * 1000 - realNow();
      told = { ...told, ...more };
      if (rotate) key = signingKey();
      build();
      response.end('{}');
    } else if (request.url.startsWith('/interaction/')) {
      const result = told.decline
        ? { error: 'access_denied', error_description: 'Not today.' }
        : { login: { accountId: told.sub, amr: told.amr, acr: told.acr } };
      await provider.interactionFinished(request, response, result);
    } else {
      provider.callback()(request, response);
    }
  }

  build();
  server.on('request', (request, response) => answer(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(String(error.stack));
  }));
  return issuer;
}

console.log(JSON.stringify({ one: await serve(), two: await serve() }));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
