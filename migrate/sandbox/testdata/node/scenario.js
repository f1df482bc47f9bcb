// Stripe's official library against the sandbox: customers with cards, prices,
// a schedule with a trial on a test clock, invoices, events, and a webhook's
// signature. Prints one line of JSON; node_test.go says what it must hold.
//
// usage: node scenario.js PORT WEBHOOK_PORT WEBHOOK_SECRET
const http = require('http');
const Stripe = require('stripe');

const [port, hookPort, secret] = process.argv.slice(2);
const stripe = Stripe('sk_test_123', {
  apiVersion: '2023-10-16', host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0,
});

const verified = [];
const receiver = http.createServer((request, answer) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const event = stripe.webhooks.constructEvent(Buffer.concat(chunks), request.headers['stripe-signature'], secret);
    verified.push(event.type);
    answer.end();
  });
});

const DAY = 24 * 60 * 60;

async function scenario() {
  const now = Math.floor(Date.now() / 1000);
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: now });
  const customer = await stripe.customers.create({
    email: 'jo@example.com', test_clock: clock.id,
    payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  const price = await stripe.prices.create({
    currency: 'usd', unit_amount: 1000, recurring: { interval: 'month' }, product_data: { name: 'Gold' },
  });
  const create = () => stripe.subscriptionSchedules.create({
    customer: customer.id, start_date: now + 2 * DAY, end_behavior: 'release', metadata: { source: 'external:test' },
    phases: [{ items: [{ price: price.id, quantity: 2 }], iterations: 1, trial_end: now + 9 * DAY }],
  }, { idempotencyKey: 'scenario' });
  const schedule = await create();
  const again = await create();

  const canceled = await stripe.subscriptionSchedules.create({
    customer: customer.id, start_date: now + 2 * DAY, phases: [{ items: [{ price: price.id }] }],
  });
  await stripe.subscriptionSchedules.cancel(canceled.id, { invoice_now: false, prorate: false });
  const second = await stripe.subscriptionSchedules.cancel(canceled.id).catch((error) => error.message);
  const unknown = await stripe.customers.retrieve('cus_unknown').catch((error) => [error.statusCode, error.code, error.param]);

  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: now + 10 * DAY });
  let ready;
  do { ready = await stripe.testHelpers.testClocks.retrieve(clock.id); } while (ready.status !== 'ready');

  const live = await stripe.subscriptionSchedules.retrieve(schedule.id, { expand: ['subscription'] });
  const invoices = [];
  for await (const invoice of stripe.invoices.list({ customer: customer.id, limit: 1 })) {
    invoices.unshift([invoice.status, invoice.total]);
  }
  const listed = [];
  for await (const one of stripe.subscriptionSchedules.list({ customer: customer.id, limit: 1 })) listed.push(one.id);
  const paid = await stripe.events.list({ type: 'invoice.paid' });
  return {
    replayed: schedule.id === again.id,
    canceledTwice: second,
    unknown,
    live: [live.status, live.subscription.status],
    invoices,
    listed: listed.length === 2 && listed[1] === schedule.id,
    paid: paid.data.length,
  };
}

receiver.listen(Number(hookPort), '127.0.0.1', async () => {
  try {
    const result = await scenario();
    const deadline = Date.now() + 10000;
    while (!verified.includes('invoice.paid') && Date.now() < deadline) await new Promise((done) => setTimeout(done, 20));
    result.verified = verified.includes('invoice.paid') && verified.includes('subscription_schedule.created');
    console.log(JSON.stringify(result));
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
});
