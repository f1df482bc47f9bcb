import { existsSync, readdirSync, readFileSync } from 'node:fs';
import manifest from '../stripe-app.json';

test('every view has its component', () => {
  expect(manifest.ui_extension.views.map((v) => v.viewport)).toEqual(['stripe.dashboard.subscription.list', 'stripe.dashboard.home.overview']);
  for (const { component } of manifest.ui_extension.views) {
    expect(readFileSync(`src/views/${component}.tsx`, 'utf8')).toContain('export default');
  }
  expect(existsSync(manifest.icon)).toBe(true);
});

test('the app may ask its service, and nobody else', () => {
  expect(manifest.ui_extension.content_security_policy['connect-src']).toEqual([`${manifest.constants.SERVICE}/app/`]);
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((f) => /\.tsx?$/.test(f) && !/test|fake/.test(f));
  const text = sources.map((f) => readFileSync(`src/${f}`, 'utf8')).join('\n');
  expect([...text.matchAll(/https?:\/\/[^/`'"$]+/g)].map(([origin]) => origin)).toEqual(['https://dashboard.stripe.com']); // where the code goes
  expect(text).not.toMatch(/sk_|rk_|absec_|whsec_/);
});

test('the redirect is the service\'s, and the ID is the app\'s', () => {
  expect(manifest.allowed_redirect_uris).toEqual([`${manifest.constants.SERVICE}/oauth/stripe/callback`]);
  expect(manifest.constants.APP_ID).toBe(manifest.id);
  expect(manifest.permissions).toEqual([]); // the view reads nothing from Stripe
});
