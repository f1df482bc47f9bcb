// Stripe's official Node library, pinned to API 2023-10-16, against `migrate sandbox serve`. Nothing in here knows that
// it is not Stripe. Prints one line for each check and ends with "N passed, M failed".
//
// usage: node check.js http://127.0.0.1:PORT
const assert = require('node:assert/strict');
const Stripe = require('stripe');

const DAY = 24 * 60 * 60;
const url = new URL(process.argv[2]);
const stripe = Stripe('sk_test_node_check', {
  apiVersion: '2023-10-16', host: url.hostname, port: url.port, protocol: url.protocol.slice(0, -1), maxNetworkRetries: 0,
});

let passed = 0, failed = 0;

// check runs one step and counts it; what it returns is handed on.
async function check(what, step) {
  try {
    const result = await step();
    passed++;
    console.log(`ok      ${what}`);
    return result;
  } catch (error) {
    failed++;
    console.log(`FAILED  ${what}: ${error.message}`);
    throw error;
  }
}

// refused returns the error of a call that must fail.
async function refused(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}

const all = async (list) => { const found = []; for await (const one of list) found.push(one); return found; };

// A schedule's life without a clock: create, create again under the same key, retrieve, list, cancel, cancel again.
async function plainSchedule() {
  const start = Math.floor(Date.now() / 1000) + 30 * DAY;
  const customer = await check('a customer', () => stripe.customers.create({ email: 'ada@example.com' }));
  const price = await check('a monthly price with its product', () => stripe.prices.create({
    currency: 'usd', unit_amount: 2900, recurring: { interval: 'month' }, product_data: { name: 'Team' },
  }));
  const wish = {
    customer: customer.id, start_date: start, end_behavior: 'release', metadata: { third_party_sub_id: 'old_1' },
    phases: [{ items: [{ price: price.id, quantity: 3 }], iterations: 1 }],
  };
  const key = { idempotencyKey: `node-${start}-${process.pid}` };
  const schedule = await check('create a schedule', async () => {
    const made = await stripe.subscriptionSchedules.create(wish, key);
    assert.equal(made.status, 'not_started');
    assert.equal(made.phases[0].start_date, start);
    assert.equal(made.phases[0].items[0].quantity, 3);
    return made;
  });
  await check('the same key gives the same schedule', async () => {
    const again = await stripe.subscriptionSchedules.create(wish, key);
    assert.equal(again.id, schedule.id);
  });
  await check('the same key with other parameters is refused', async () => {
    const error = await refused(stripe.subscriptionSchedules.create({ ...wish, start_date: start + DAY }, key));
    assert.equal(error.type, 'StripeIdempotencyError');
  });
  await check('retrieve it', async () => {
    const found = await stripe.subscriptionSchedules.retrieve(schedule.id, { expand: ['customer'] });
    assert.equal(found.metadata.third_party_sub_id, 'old_1');
    assert.equal(found.customer.email, 'ada@example.com');
  });
  await check('list the customer\'s', async () => {
    const found = await all(stripe.subscriptionSchedules.list({ customer: customer.id, limit: 1 }));
    assert.deepEqual(found.map((one) => one.id), [schedule.id]);
  });
  await check('cancel it', async () => {
    const canceled = await stripe.subscriptionSchedules.cancel(schedule.id, { invoice_now: false, prorate: false });
    assert.equal(canceled.status, 'canceled');
  });
  await check('a second cancel is refused', async () => {
    const error = await refused(stripe.subscriptionSchedules.cancel(schedule.id));
    assert.equal(error.type, 'StripeInvalidRequestError');
    assert.equal(error.statusCode, 400);
  });
  await check('an unknown parameter is refused at depth', async () => {
    const error = await refused(stripe.subscriptionSchedules.create({ ...wish, phases: [{ ...wish.phases[0], nonsense: 1 }] }));
    assert.equal(error.code, 'parameter_unknown');
    assert.equal(error.param, 'phases[0][nonsense]');
  });
}

// advance moves a test clock and waits until it is ready, which at Stripe takes a while.
async function advance(clock, to) {
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
  for (let tries = 0; tries < 600; tries++) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(clock.id);
    if (status === 'ready') return;
    assert.equal(status, 'advancing');
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error('the clock does not become ready');
}

// A schedule with a trial on a test clock, through two renewals; one customer's card cannot be charged.
async function billing() {
  const now = Date.UTC(2027, 0, 15, 9) / 1000, start = Date.UTC(2027, 1, 1, 9) / 1000, trialEnd = Date.UTC(2027, 1, 28, 9) / 1000;
  const clock = await check('a test clock', () => stripe.testHelpers.testClocks.create({ frozen_time: now }));
  const customer = (email, card) => stripe.customers.create({
    email, test_clock: clock.id, payment_method: card, invoice_settings: { default_payment_method: card },
  });
  const good = await check('a customer with a card', () => customer('good@example.com', 'pm_card_visa'));
  const bad = await check('a customer whose card fails', () => customer('bad@example.com', 'pm_card_chargeCustomerFail'));
  const product = await stripe.products.create({ name: 'Team' });
  const price = await stripe.prices.create({ currency: 'usd', unit_amount: 2900, recurring: { interval: 'month' }, product: product.id });
  const schedule = await check('schedules with a trial', async () => {
    const create = (who) => stripe.subscriptionSchedules.create({
      customer: who.id, start_date: start, end_behavior: 'release',
      phases: [{ items: [{ price: price.id, quantity: 2 }], iterations: 1, trial_end: trialEnd }],
    });
    await create(bad);
    return create(good);
  });
  await check('advance into the trial', async () => {
    await advance(clock, start + 3600);
    const live = await stripe.subscriptionSchedules.retrieve(schedule.id, { expand: ['subscription'] });
    assert.deepEqual([live.status, live.subscription.status, live.subscription.trial_end], ['active', 'trialing', trialEnd]);
  });
  await check('advance through two renewals', async () => {
    await advance(clock, Date.UTC(2027, 2, 28, 12) / 1000);
    await advance(clock, Date.UTC(2027, 3, 28, 12) / 1000);
  });
  await check('list invoices: 0 at the start, then 58.00 on the 28th', async () => {
    const invoices = (await all(stripe.invoices.list({ customer: good.id, limit: 2 }))).reverse();
    assert.deepEqual(invoices.map((i) => [i.created, i.total, i.status]), [
      [start, 0, 'paid'], [trialEnd, 5800, 'paid'], [Date.UTC(2027, 2, 28, 9) / 1000, 5800, 'paid'], [Date.UTC(2027, 3, 28, 9) / 1000, 5800, 'paid'],
    ]);
    assert.equal(invoices[1].lines.data[0].quantity, 2);
  });
  await check('the card that fails leaves its invoice open', async () => {
    const open = await all(stripe.invoices.list({ customer: bad.id, status: 'open' }));
    assert.ok(open.length > 0 && open.every((i) => i.attempted && !i.paid && i.amount_remaining === 5800));
    const [subscription] = await all(stripe.subscriptions.list({ customer: bad.id, status: 'all' }));
    assert.equal(subscription.status, 'past_due');
  });
  const event = await check('list events', async () => {
    const events = await all(stripe.events.list({ type: 'invoice.paid', limit: 100 }));
    const mine = events.filter((e) => e.data.object.customer === good.id);
    assert.equal(mine.length, 4);
    assert.equal(mine[0].api_version, '2023-10-16');
    return mine[0];
  });
  await check('verify a webhook signature', () => {
    const payload = JSON.stringify(event), secret = 'whsec_node_check';
    const header = stripe.webhooks.generateTestHeaderString({ payload, secret });
    assert.equal(stripe.webhooks.constructEvent(payload, header, secret).id, event.id);
    assert.throws(() => stripe.webhooks.constructEvent(payload + ' ', header, secret), /signature/);
  });
  await check('delete the clock, and its customers with it', async () => {
    await stripe.testHelpers.testClocks.del(clock.id);
    const gone = await stripe.customers.retrieve(good.id).then((c) => c.deleted, (error) => error.statusCode === 404);
    assert.ok(gone);
  });
}

(async () => {
  for (const scenario of [plainSchedule, billing]) {
    await scenario().catch((error) => { if (failed === 0) { failed++; console.log(`FAILED  ${scenario.name}: ${error.stack}`); } });
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
})();
