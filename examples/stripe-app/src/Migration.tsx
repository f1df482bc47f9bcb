import { useEffect, useState } from 'react';
import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import { Badge, Banner, Box, Button, Divider, Inline, PropertyList, PropertyListItem, Spinner } from '@stripe/ui-extension-sdk/ui';
import { ask, Refusal, type Deadline, type Findings, type Move, type Progress } from './api';
import { useAsked } from './useAsked';
import { left, many, states } from './words';

interface Props { context: ExtensionContextValue; move: Move; onChange: () => void }

// Migration shows one migration: what was found in its file, how far it has come, and until when it can be canceled.
export const Migration = ({ context, move, onChange }: Props) => {
  const busy = ['reviewing', 'running', 'canceling'].includes(move.state);
  const found = useAsked(() => ask<Findings>(context, 'findings', move), [move.id, move.state]);
  const progress = useAsked(() => ask<Progress>(context, 'progress', move), [move.id, move.state], busy ? 3000 : 0);
  const deadline = useAsked(() => ask<Deadline>(context, 'deadline', move), [move.id, move.state], 60000);
  const now = progress.answer?.move.state;
  useEffect(() => { if (now && now !== move.state) onChange(); }, [now, move.state]);
  const refusal = found.refusal ?? progress.refusal ?? deadline.refusal;
  return (
    <Box css={{ stack: 'y', gap: 'medium' }}>
      {refusal && <Banner type="caution" title={refusal.message} description={refusal.fix} />}
      {move.error && <Banner type="critical" title="The last step ended early" description={move.error} />}
      {progress.answer ? <HowFar progress={progress.answer} /> : <Spinner />}
      {deadline.answer && <Until context={context} move={move} deadline={deadline.answer} onChange={onChange} />}
      <Divider />
      {found.answer && <Found findings={found.answer} />}
    </Box>
  );
};

const HowFar = ({ progress }: { progress: Progress }) => (
  <PropertyList orientation="vertical">
    <PropertyListItem label="State" value={<Badge type={states[progress.move.state][1]}>{states[progress.move.state][0]}</Badge>} />
    <PropertyListItem label="Rows" value={`${progress.done.toLocaleString('en-US')} of ${many(progress.total, 'row')}`} />
    {progress.failed > 0 && <PropertyListItem label="Refused by Stripe" value={many(progress.failed, 'row')} />}
    {progress.rate > 0 && progress.done < progress.total && (
      <PropertyListItem label="Takes about" value={left((progress.total - progress.done) / progress.rate)} />
    )}
  </PropertyList>
);

// Until counts down to the moment from which the whole migration cannot be canceled any more. It asks before it cancels.
const Until = ({ context, move, deadline, onChange }: Props & { deadline: Deadline }) => {
  const [seconds, setSeconds] = useState(deadline.seconds);
  const [sure, setSure] = useState(false);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  useEffect(() => {
    const end = Date.now() + deadline.seconds * 1000; // by the service's clock, wherever this one stands
    setSeconds(deadline.seconds);
    const timer = setInterval(() => setSeconds(Math.max(0, Math.round((end - Date.now()) / 1000))), 1000);
    return () => clearInterval(timer);
  }, [deadline]);
  const open = deadline.open && (deadline.deadline === null || seconds > 0);
  const cancel = async () => {
    setPending(true);
    try {
      await ask<Move>(context, 'cancel', move);
      onChange();
    } catch (error) {
      setRefusal(error instanceof Refusal ? error : new Refusal('unsigned', 'Stripe did not sign the request.', 'Reload the page. Nothing was canceled.'));
    }
    setPending(false);
    setSure(false);
  };
  return (
    <Box css={{ stack: 'y', gap: 'small' }}>
      {deadline.deadline !== null && (
        <Inline css={{ font: 'bodyEmphasized' }}>
          {seconds > 0 ? `Can be canceled as a whole for ${left(seconds)}` : 'The time to cancel it as a whole has ended'}
        </Inline>
      )}
      {refusal && <Banner type="critical" title={refusal.message} description={refusal.fix} />}
      {open && move.cancelable && !sure && <Button type="destructive" onPress={() => setSure(true)}>Cancel the migration…</Button>}
      {open && move.cancelable && sure && (
        <Banner
          type="critical" title={`Cancel everything that ${move.file} has created?`}
          description="Its subscription schedules are canceled at Stripe. Subscriptions that exist already end. This cannot be undone."
          actions={<>
            <Button type="destructive" pending={pending} onPress={cancel}>Cancel everything</Button>
            <Button disabled={pending} onPress={() => setSure(false)}>Keep it</Button>
          </>}
        />
      )}
    </Box>
  );
};

const Found = ({ findings: f }: { findings: Findings }) => {
  if (!f.reviewed) return <Inline>The file was not checked yet.</Inline>;
  return (
    <Box css={{ stack: 'y', gap: 'small' }}>
      <Inline css={{ font: 'heading' }}>The file</Inline>
      <Inline>{`${many(f.rows, 'row')}: ${f.ready} ready, ${f.deferred} deferred, ${f.invalid} invalid`}</Inline>
      {f.refused && <Banner type="caution" title="It cannot be started as it is" description={f.refused} />}
      <PropertyList orientation="vertical">
        {f.codes.map((c) => <PropertyListItem key={c.code} label={c.title} value={many(c.count, c.severity === 'info' ? 'note' : c.severity)} />)}
      </PropertyList>
      {f.findings.slice(0, 20).map((one, i) => (
        <Box key={i} css={{ stack: 'y' }}>
          <Inline css={{ font: 'bodyEmphasized' }}>{[one.line && `line ${one.line}`, one.column, one.message ?? one.code].filter(Boolean).join(' · ')}</Inline>
          {one.fix && <Inline css={{ color: 'secondary' }}>{one.fix}</Inline>}
        </Box>
      ))}
      {f.findings.length > 20 && <Inline>The service's page lists the rest.</Inline>}
    </Box>
  );
};
