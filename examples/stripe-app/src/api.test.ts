import { fetchStripeSignature } from '@stripe/ui-extension-sdk/utils';
import { ask, authorizeURL, link, Refusal, type List, type Move } from './api';
import { answers, contextOf, FakeService, sign } from './fakeService';

jest.mock('@stripe/ui-extension-sdk/utils', () => ({ fetchStripeSignature: jest.fn(), createOAuthState: jest.fn() }));

const signature = jest.mocked(fetchStripeSignature);
const march = answers.list.moves.find((m) => m.file === 'march.csv') as Move;
let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  global.fetch = service.fetch as typeof fetch;
  signature.mockReset().mockImplementation(sign(contextOf()) as never);
});

test('what is sent is what was signed, payload first', async () => {
  await expect(ask<List>(contextOf(), 'list')).resolves.toEqual(answers.list);
  await ask(contextOf(), 'cancel', march);
  const [list, cancel] = service.asked;
  expect(Object.keys(list.body)).toEqual(['action', 'migration', 'sha256', 'livemode', 'nonce', 'stripe_roles', 'user_id', 'account_id']);
  expect(cancel.body).toMatchObject({ action: 'cancel', migration: 'mov_march', sha256: march.sha256, livemode: false, user_id: 'usr_1', account_id: 'acct_9' });
  expect(signature.mock.calls[1][0]).not.toHaveProperty('user_id'); // the Dashboard adds it, and nobody else can
  expect(list.body.nonce).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
  expect(list.body.nonce).not.toBe(cancel.body.nonce);
});

test('the mode is the Dashboard\'s', async () => {
  const live = contextOf({ environment: { ...contextOf().environment, mode: 'live' } });
  await ask(live, 'list');
  expect(service.asked[0].body.livemode).toBe(true);
  expect(authorizeURL(live, { state: 's', challenge: 'c' })).toContain(encodeURIComponent('https://dashboard.stripe.com/apps-oauth/com.example.subferry'));
});

test('a user without roles signs none', async () => {
  const plain = contextOf();
  plain.userContext.roles = [];
  await ask(plain, 'list');
  expect(service.asked[0].body).not.toHaveProperty('stripe_roles');
});

test('a refusal keeps the service\'s words', async () => {
  service.answer['/app/cancel'] = answers.refused;
  service.status['/app/cancel'] = 403;
  await expect(ask(contextOf(), 'cancel', march)).rejects.toMatchObject({ ...answers.refused.error, name: 'Error' });
  service.answer['/app/list'] = 'no JSON';
  service.status['/app/list'] = 502;
  await expect(ask(contextOf(), 'list')).rejects.toThrow('502');
});

test('a service that is away is said to be', async () => {
  global.fetch = jest.fn().mockRejectedValue(new TypeError('Failed to fetch'));
  await expect(ask(contextOf(), 'list')).rejects.toMatchObject({ code: 'unreachable' });
});

test('nothing is sent when Stripe does not sign', async () => {
  signature.mockRejectedValue(new Error('invalid request'));
  await expect(ask(contextOf(), 'cancel', march)).rejects.toThrow('invalid request');
  expect(service.asked).toEqual([]);
});

test('the authorization asks for S256 and nothing else', () => {
  const url = new URL(authorizeURL(contextOf(), { state: 'the state', challenge: 'the-challenge' }));
  expect(url.origin + url.pathname).toBe('https://subferry.example.com/oauth/authorize');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    response_type: 'code', client_id: 'subferry-app', redirect_uri: 'https://dashboard.stripe.com/test/apps-oauth/com.example.subferry', state: 'the state',
    code_challenge: 'the-challenge', code_challenge_method: 'S256',
  });
});

test('a code becomes a token, and the token a link, once each', async () => {
  service.answer['/app/token'] = { access_token: 'a-token', token_type: 'Bearer', expires_in: 600 };
  service.answer['/app/link'] = { moves: [], role: 'operator', linked: true, person: 'ada' };
  const context = contextOf({ oauthContext: { code: 'a-code', verifier: 'a-verifier', state: 's' } });
  await expect(link(context)).resolves.toMatchObject({ person: 'ada' });
  const [token, linked] = service.asked;
  expect(Object.fromEntries(new URLSearchParams(token.raw))).toEqual({
    grant_type: 'authorization_code', client_id: 'subferry-app', code: 'a-code', code_verifier: 'a-verifier',
    redirect_uri: 'https://dashboard.stripe.com/test/apps-oauth/com.example.subferry',
  });
  expect(linked.headers.Authorization).toBe('Bearer a-token');
  expect(linked.raw).not.toContain('a-token');
});

test('a code that is worth nothing links nobody', async () => {
  service.answer['/app/token'] = { error: 'invalid_grant', error_description: 'The provided authorization grant is invalid' };
  service.status['/app/token'] = 400;
  await expect(link(contextOf({ oauthContext: { code: 'used', verifier: 'v' } }))).rejects.toBeInstanceOf(Refusal);
  expect(service.of('/app/link')).toEqual([]);
});
