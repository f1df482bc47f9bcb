// A Dashboard and a service for the tests: the Dashboard signs as Stripe does, and the service verifies with Stripe's own library,
// over the body as it came. Its answers are those of the Go handler, whose tests write src/testdata/answers.json.
import { createHmac } from 'node:crypto';
import { getMockContextProps } from '@stripe/ui-extension-sdk/testing';
import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import Stripe from 'stripe';
import manifest from '../stripe-app.json';
import answers from './testdata/answers.json';

export { answers };
export const SECRET = 'absec_0123456789abcdef0123';

const stripe = new Stripe('sk_test_unused', { apiVersion: '2023-10-16' });

export interface Asked { path: string; body: Record<string, unknown>; raw: string; headers: Record<string, string> }

// contextOf is what the Dashboard hands to a view.
export const contextOf = (change: Record<string, unknown> = {}): ExtensionContextValue => ({
  ...getMockContextProps({
    userContext: { id: 'usr_1', account: { id: 'acct_9' }, locale: 'en-US', roles: [{ type: 'builtIn', id: 'admin', name: 'Administrator' }] },
    environment: { mode: 'test', viewportID: 'stripe.dashboard.subscription.list', constants: manifest.constants },
  } as never) as ExtensionContextValue,
  ...change,
});

// sign does what fetchStripeSignature does: payload first, then who asks.
export const sign = (context: ExtensionContextValue) => async (payload: object) => {
  const text = JSON.stringify({ ...payload, user_id: context.userContext.id, account_id: context.userContext.account.id });
  const t = Math.floor(Date.now() / 1000);
  return `t=${t},v1=${createHmac('sha256', SECRET).update(`${t}.${text}`).digest('hex')}`;
};

export class FakeService {
  asked: Asked[] = [];
  answer: Record<string, unknown> = {
    '/app/list': answers.list, '/app/findings': answers.findings, '/app/progress': answers.progress, '/app/deadline': answers.deadline, '/app/cancel': answers.canceled,
  };
  status: Record<string, number> = {};
  private seen = new Set<string>();

  fetch = async (address: string, request: RequestInit) => {
    const url = new URL(address);
    const asked = { path: url.pathname, raw: String(request.body), headers: request.headers as Record<string, string>, body: {} as Record<string, unknown> };
    if (request.credentials !== 'omit') throw new Error('cookies were sent along');
    if (url.pathname !== '/app/token') {
      stripe.webhooks.signature.verifyHeader(asked.raw, asked.headers['Stripe-Signature'], SECRET, 300); // throws
      if (this.seen.has(asked.raw)) throw new Error('a request was sent twice');
      this.seen.add(asked.raw);
      asked.body = JSON.parse(asked.raw);
    }
    this.asked.push(asked);
    const status = this.status[url.pathname] ?? 200;
    return { ok: status < 300, status, json: async () => this.answer[url.pathname] } as Response;
  };

  of = (path: string) => this.asked.filter((a) => a.path === path);
}
