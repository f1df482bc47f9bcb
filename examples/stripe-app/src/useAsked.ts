import { useCallback, useEffect, useState } from 'react';
import { Refusal } from './api';

// useAsked asks when a component appears, again when something is different, and every so often while it is shown. What was
// answered last stays while a later request fails; the failure is shown beside it.
export function useAsked<T>(asking: () => Promise<T>, different: unknown[], every = 0) {
  const [answer, setAnswer] = useState<T>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async () => {
      try {
        const got = await asking();
        if (!wanted) return;
        setAnswer(got);
        setRefusal(undefined);
      } catch (error) {
        if (!wanted) return;
        setRefusal(error instanceof Refusal ? error : new Refusal('unsigned', 'Stripe did not sign the request.', 'Reload the page.'));
      }
      if (every > 0) timer = setTimeout(once, every); // after the answer: a slow service is not asked twice at once
    };
    void once();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [...different, turn, every]);
  return { answer, refusal, again: useCallback(() => setTurn((n) => n + 1), []) };
}
