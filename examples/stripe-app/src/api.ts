// What the service is asked. Every request is signed by the Dashboard: the signature covers what is to be done, to which
// migration and file, and in which mode; the Dashboard adds who asks, and for which account.
import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import { fetchStripeSignature } from '@stripe/ui-extension-sdk/utils';

export type State =
  | 'reviewing' | 'invalid' | 'failed' | 'reviewed' | 'awaiting_approval' | 'running' | 'canary_done' | 'paused' | 'scheduled'
  | 'canceling' | 'canceled';

export interface Move {
  id: string;
  file: string;
  sha256: string;
  state: State;
  error?: string;
  migration?: string;
  created_at: string;
  cancelable: boolean;
}

export interface List { moves: Move[]; role: string; linked: boolean; person: string }

export interface Finding {
  code: string;
  severity: 'error' | 'warning' | 'info';
  message?: string;
  fix?: string;
  line?: number;
  column?: string;
}

export interface Findings {
  move: Move;
  reviewed: boolean;
  rows: number;
  ready: number;
  deferred: number;
  invalid: number;
  errors: number;
  warnings: number;
  codes: { code: string; severity: string; title: string; count: number }[];
  findings: Finding[];
  refused?: string;
}

export interface Progress { move: Move; total: number; done: number; failed: number; rate: number }

export interface Deadline { move: Move; deadline: string | null; seconds: number; open: boolean }

// Refusal is an answer that says what is wrong, and what to do about it.
export class Refusal extends Error {
  constructor(readonly code: string, message: string, readonly fix: string) {
    super(message);
  }
}

// The service compares it, and answers each one once. It need not be secret.
const nonce = () => Array.from({ length: 4 }, () => Math.random().toString(36).slice(2, 10).padEnd(8, '0')).join('');

export const serviceOf = ({ environment }: ExtensionContextValue) => {
  const { SERVICE, APP_ID, CLIENT_ID } = environment.constants as Record<string, string>;
  return { service: SERVICE, appID: APP_ID, clientID: CLIENT_ID };
};

// ask signs a request and sends it. What it sends is, byte for byte, what the Dashboard signs.
export async function ask<T>(context: ExtensionContextValue, action: string, move?: Move, token?: string): Promise<T> {
  const { userContext, environment } = context;
  const payload: Record<string, unknown> = {
    action, migration: move?.id ?? '', sha256: move?.sha256 ?? '', livemode: environment.mode === 'live', nonce: nonce(),
  };
  if (userContext.roles?.length) payload.stripe_roles = userContext.roles; // Stripe signs them only when the user has them
  const signature = await fetchStripeSignature(payload as Parameters<typeof fetchStripeSignature>[0]);
  const headers: Record<string, string> = { 'Content-Type': 'application/json', 'Stripe-Signature': signature };
  if (token) headers.Authorization = `Bearer ${token}`;
  return send(`${serviceOf(context).service}/app/${action}`, {
    method: 'POST', headers, body: JSON.stringify({ ...payload, user_id: userContext.id, account_id: userContext.account.id }),
  });
}

async function send<T>(address: string, request: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address, { ...request, credentials: 'omit' });
  } catch {
    throw new Refusal('unreachable', 'The service cannot be reached.', 'Check that it runs, and that the app may connect to its address.');
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body as T;
  if (typeof body.error === 'string') throw new Refusal(body.error, body.error_description ?? body.error, 'Connect the account again.');
  const { code = 'unknown', message = `The service answered ${answer.status}.`, fix = 'Try again in a minute.' } = body.error ?? {};
  throw new Refusal(code, message, fix);
}

// redirectOf is where the service sends the browser with a code: a page of the Dashboard that opens this app.
export const redirectOf = (context: ExtensionContextValue) =>
  `https://dashboard.stripe.com/${context.environment.mode === 'live' ? '' : 'test/'}apps-oauth/${serviceOf(context).appID}`;

// authorizeURL leads to the service, where the person signs in, and from there to Stripe.
export const authorizeURL = (context: ExtensionContextValue, { state, challenge }: { state: string; challenge: string }) =>
  `${serviceOf(context).service}/oauth/authorize?${new URLSearchParams({
    response_type: 'code', client_id: serviceOf(context).clientID, redirect_uri: redirectOf(context), state, code_challenge: challenge,
    code_challenge_method: 'S256',
  })}`;

// link exchanges the code that the Dashboard was given, and makes its user the person who has signed in at the service.
export async function link(context: ExtensionContextValue): Promise<List> {
  const { code, verifier } = context.oauthContext ?? {};
  const { access_token } = await send<{ access_token: string }>(`${serviceOf(context).service}/app/token`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code', client_id: serviceOf(context).clientID, code: code ?? '', code_verifier: verifier ?? '', redirect_uri: redirectOf(context),
    }).toString(),
  });
  return ask<List>(context, 'link', undefined, access_token);
}
