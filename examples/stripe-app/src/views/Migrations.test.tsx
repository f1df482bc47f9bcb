import { render } from '@stripe/ui-extension-sdk/testing';
import { Banner, ContextView, Link, List, ListItem, PropertyListItem } from '@stripe/ui-extension-sdk/ui';
import { createOAuthState, fetchStripeSignature } from '@stripe/ui-extension-sdk/utils';
import { answers, contextOf, FakeService, sign } from '../fakeService';
import Migrations from './Migrations';

jest.mock('@stripe/ui-extension-sdk/utils', () => ({ fetchStripeSignature: jest.fn(), createOAuthState: jest.fn() }));

let service: FakeService;

beforeEach(() => {
  service = new FakeService();
  global.fetch = service.fetch as typeof fetch;
  jest.mocked(fetchStripeSignature).mockImplementation(sign(contextOf()) as never);
  jest.mocked(createOAuthState).mockResolvedValue({ state: 'the state', challenge: 'the-challenge' });
});

interface Node { type: unknown; props: Record<string, unknown>; children: (Node | string)[] }

// inFragments returns what stands in properties: a banner's actions, an item's value. The test library looks at children only.
const inFragments = (nodes: Node[]): Node[] => nodes.flatMap((n) => Object.values(n.props ?? {}).flatMap((value) => {
  const inside = (value as { children?: Node[] } | null)?.children;
  if (!Array.isArray(inside)) return [];
  const found = inside.filter((c) => typeof c !== 'string');
  return [...found, ...inFragments(found)];
}));

const textOf = (n: Node | string): string => (typeof n === 'string' ? n : (n as { text?: string }).text ?? n.children.map(textOf).join(''));

// shown renders the view and waits until what it has asked for is there.
async function shown(context = contextOf()) {
  const { wrapper, update } = render(<Migrations {...context} />);
  const settle = async () => { for (let i = 0; i < 6; i++) await update(); };
  await settle();
  const all = (name: string) => {
    const found = wrapper.descendants.filter((n) => typeof n !== 'string') as unknown as Node[];
    return [...found, ...inFragments(found)].filter((n) => n.type === name);
  };
  const button = (label: string) => all('Button').find((n) => textOf(n) === label) ?? null;
  const press = async (label: string) => { (button(label)!.props as { onPress: () => void }).onPress(); await settle(); };
  const choose = async (id: string) => { (wrapper.find(List)!.props as { onAction: (id: string) => void }).onAction(id); await settle(); };
  const banners = () => wrapper.findAll(Banner).map((b) => (b.props as { title: string }).title);
  return { wrapper, all, settle, button, press, choose, banners };
}

test.each(['stripe.dashboard.subscription.list', 'stripe.dashboard.home.overview'])('%s lists the migrations', async (viewportID) => {
  const { wrapper } = await shown(contextOf({ environment: { ...contextOf().environment, viewportID } }));
  expect(wrapper.findAll(ListItem).map((i) => (i.props as { id: string }).id)).toEqual(['mov_march', 'mov_new']);
  expect(wrapper.find(ContextView)!.props).toMatchObject({ title: 'Migrations', externalLink: { href: 'https://subferry.example.com' } });
});

test('an account without migrations says what to do', async () => {
  service.answer['/app/list'] = { ...answers.list, moves: [] };
  expect((await shown()).wrapper.text).toContain('No file was uploaded');
});

test('one migration: findings, progress and the deadline', async () => {
  const { wrapper, all, choose } = await shown();
  await choose('mov_march');
  expect(wrapper.find(ContextView)!.props).toMatchObject({ title: 'march.csv', description: 'mig_march', externalLink: { href: 'https://subferry.example.com/moves/mov_march' } });
  expect(all('Badge').map(textOf)).toEqual(['Scheduled']);
  expect(wrapper.text).toContain('1,250 rows: 1248 ready, 1 deferred, 1 invalid');
  expect(wrapper.text).toContain('line 7 · customer_id · the customer cus_lost does not exist in the account');
  expect(wrapper.text).toContain('create it, or leave the row out');
  expect(wrapper.text).toContain('Can be canceled as a whole for 1 min 30 s');
  expect(wrapper.findAll(PropertyListItem).map((i) => (i.props as { value: unknown }).value)).toEqual(expect.arrayContaining(['2 of 3 rows', '1 row', '1 error', '2 warnings']));
  expect(service.asked.every((a) => a.path === '/app/list' || a.body.migration === 'mov_march')).toBe(true);
});

test('what is worth knowing is called a note', async () => {
  service.answer['/app/findings'] = { ...answers.findings, codes: [{ code: 'start_date_far', count: 2, severity: 'info', title: 'Far away' }] };
  const { wrapper, choose } = await shown();
  await choose('mov_march');
  expect(wrapper.findAll(PropertyListItem).map((i) => (i.props as { value: unknown }).value)).toContain('2 notes');
});

test('a file that was not checked yet', async () => {
  service.answer['/app/findings'] = answers.findingsNotYet;
  const { wrapper, choose } = await shown();
  await choose('mov_new');
  expect(wrapper.text).toContain('The file was not checked yet.');
});

test('nothing is canceled without a second word', async () => {
  const { wrapper, choose, press, button, banners } = await shown();
  await choose('mov_march');
  await press('Cancel the migration…');
  expect(banners()).toContain('Cancel everything that march.csv has created?');
  expect(service.of('/app/cancel')).toEqual([]);
  const banner = wrapper.findWhere((n) => n.is(Banner) && (n.props as { title: string }).title.startsWith('Cancel everything'));
  expect(banner).not.toBeNull();
  await press('Keep it');
  expect(service.of('/app/cancel')).toEqual([]);
  await press('Cancel the migration…');
  const before = service.of('/app/list').length;
  await press('Cancel everything');
  expect(service.of('/app/cancel').map((a) => a.body)).toMatchObject([{ action: 'cancel', migration: 'mov_march', sha256: answers.canceled.sha256, livemode: false }]);
  expect(service.of('/app/list').length).toBe(before + 1); // the list says how it stands now
  expect(button('Cancel everything')).toBeNull();
});

test('a refused cancel says why, and what to do', async () => {
  service.answer['/app/cancel'] = answers.refused;
  service.status['/app/cancel'] = 403;
  const { wrapper, choose, press, banners } = await shown();
  await choose('mov_march');
  await press('Cancel the migration…');
  await press('Cancel everything');
  expect(banners()).toContain(answers.refused.error.message);
  expect(JSON.stringify(wrapper.findAll(Banner).map((b) => b.props))).toContain(answers.refused.error.fix);
});

test('a viewer sees no button that he may not press', async () => {
  service.answer['/app/list'] = answers.listOfViewer;
  const { choose, button } = await shown();
  await choose('mov_march');
  expect(button('Cancel the migration…')).toBeNull();
});

test('when the time has ended there is nothing to press', async () => {
  service.answer['/app/deadline'] = { ...answers.deadline, seconds: 0, open: false };
  const { wrapper, choose, button } = await shown();
  await choose('mov_march');
  expect(wrapper.text).toContain('has ended');
  expect(button('Cancel the migration…')).toBeNull();
});

test('the countdown takes the button away by itself', async () => {
  service.answer['/app/deadline'] = { ...answers.deadline, seconds: 1 };
  const { wrapper, choose, button, settle } = await shown();
  await choose('mov_march');
  expect(button('Cancel the migration…')).not.toBeNull();
  await new Promise((done) => { setTimeout(done, 2100); });
  await settle();
  expect(wrapper.text).toContain('has ended');
  expect(button('Cancel the migration…')).toBeNull();
});

test('a service that is away leaves what was known, and can be asked again', async () => {
  const { wrapper, banners } = await shown();
  service.status['/app/list'] = 503;
  service.answer['/app/list'] = { error: { code: 'unavailable', message: 'the service cannot answer at the moment', fix: 'try again in a minute' } };
  expect(banners()).toEqual([]);
  const { banners: there, press: again, wrapper: other } = await shown();
  expect(there()).toEqual(['the service cannot answer at the moment']);
  service.status['/app/list'] = 200;
  service.answer['/app/list'] = answers.list;
  await again('Try again');
  expect(there()).toEqual([]);
  expect(other.findAll(ListItem)).toHaveLength(2);
  expect(wrapper.findAll(ListItem)).toHaveLength(2);
});

test('who is not known here can sign in, and is linked when he comes back', async () => {
  service.answer['/app/list'] = answers.listOfViewer;
  const { wrapper } = await shown();
  expect((wrapper.find(Link)!.props as { href: string }).href).toContain('code_challenge=the-challenge');

  service.answer['/app/token'] = { access_token: 'a-token' };
  service.answer['/app/link'] = { ...answers.list, moves: [], linked: true };
  await shown(contextOf({ oauthContext: { code: 'a-code', verifier: 'a-verifier', state: 'the state' } }));
  expect(service.of('/app/token')).toHaveLength(1);
  expect(service.of('/app/link').map((a) => a.headers.Authorization)).toEqual(['Bearer a-token']);
});

test('a refused authorization is said', async () => {
  const { banners } = await shown(contextOf({ oauthContext: { error: 'access_denied' } }));
  expect(banners()).toEqual(['The account was not connected: access_denied']);
});
