import { useEffect, useState } from 'react';
import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import { Badge, Banner, Box, Button, ContextView, Inline, Link, List, ListItem, Spinner } from '@stripe/ui-extension-sdk/ui';
import { createOAuthState } from '@stripe/ui-extension-sdk/utils';
import { ask, authorizeURL, link, Refusal, serviceOf, type List as Answer } from '../api';
import { Migration } from '../Migration';
import { useAsked } from '../useAsked';
import { states } from '../words';

// Migrations is the app: the account's migrations, and one of them when it was chosen.
const Migrations = (context: ExtensionContextValue) => {
  const { answer, refusal, again } = useAsked(() => ask<Answer>(context, 'list'), [context.userContext.account.id, context.environment.mode], 30000);
  const [chosen, setChosen] = useState<string>();
  const move = answer?.moves.find((m) => m.id === chosen);
  const { service } = serviceOf(context);
  return (
    <ContextView
      title={move ? move.file : 'Migrations'}
      description={move?.migration ?? 'Subscriptions on their way into this account'}
      externalLink={{ label: 'Open subferry', href: move ? `${service}/moves/${move.id}` : service }}
    >
      <Box css={{ stack: 'y', gap: 'medium' }}>
        {refusal && <Banner type="caution" title={refusal.message} description={refusal.fix} actions={<Button onPress={again}>Try again</Button>} />}
        {!answer && !refusal && <Spinner />}
        {move && <Button size="small" onPress={() => setChosen(undefined)}>All migrations</Button>}
        {move && <Migration key={move.id} context={context} move={move} onChange={again} />}
        {answer && !move && answer.moves.length === 0 && <Inline>No file was uploaded for this account yet. Open subferry to begin.</Inline>}
        {answer && !move && answer.moves.length > 0 && (
          <List onAction={(id) => setChosen(String(id))} aria-label="Migrations">
            {answer.moves.map((m) => (
              <ListItem
                key={m.id} id={m.id} title={<Inline>{m.file}</Inline>} secondaryTitle={<Inline>{new Date(m.created_at).toLocaleDateString(context.userContext.locale || 'en-US')}</Inline>}
                value={<Badge type={states[m.state][1]}>{states[m.state][0]}</Badge>}
              />
            ))}
          </List>
        )}
        {answer && <WhoIsThis context={context} list={answer} onLinked={again} />}
      </Box>
    </ContextView>
  );
};

// WhoIsThis says what the person may do, and lets him sign in at the service, by which he may do more.
const WhoIsThis = ({ context, list, onLinked }: { context: ExtensionContextValue; list: Answer; onLinked: () => void }) => {
  const [href, setHref] = useState<string>();
  const [refusal, setRefusal] = useState<Refusal>();
  const { code, error, verifier } = context.oauthContext ?? {};
  useEffect(() => {
    if (list.linked || !code || !verifier) return;
    link(context).then(onLinked, (failed: Refusal) => setRefusal(failed)); // a code is good once, whatever comes of it
  }, [code]);
  useEffect(() => {
    if (!list.linked) createOAuthState().then((s) => setHref(authorizeURL(context, s)), () => setHref(undefined));
  }, [list.linked]);
  if (list.linked) return <Inline css={{ color: 'secondary' }}>{`Signed in as ${list.person}, ${list.role}`}</Inline>;
  return (
    <Box css={{ stack: 'y', gap: 'small' }}>
      {(refusal || error) && (
        <Banner type="caution" title={refusal?.message ?? `The account was not connected: ${error}`} description={refusal?.fix ?? 'Nothing has changed. Try again.'} />
      )}
      <Inline css={{ color: 'secondary' }}>
        {list.role === 'viewer' ? 'You may look at migrations here. To cancel one, sign in at the service.' : `You are an ${list.role} here.`}
      </Inline>
      {href && <Link href={href} target="_blank">Sign in and connect this account</Link>}
    </Box>
  );
};

export default Migrations;
