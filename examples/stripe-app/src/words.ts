import type { State } from './api';

type Look = 'neutral' | 'urgent' | 'warning' | 'negative' | 'positive' | 'info';

// What a state is called, and how urgent it looks.
export const states: Record<State, [string, Look]> = {
  reviewing: ['Being checked', 'info'],
  invalid: ['Has errors', 'negative'],
  failed: ['Could not be checked', 'negative'],
  reviewed: ['Checked', 'neutral'],
  awaiting_approval: ['Waits for approval', 'warning'],
  running: ['Running', 'info'],
  canary_done: ['First rows done', 'warning'],
  paused: ['Paused', 'warning'],
  scheduled: ['Scheduled', 'positive'],
  canceling: ['Being canceled', 'urgent'],
  canceled: ['Canceled', 'neutral'],
};

export const many = (n: number, one: string) => `${n.toLocaleString('en-US')} ${n === 1 ? one : `${one}s`}`;

// left is a time as people say it: the two greatest units.
export function left(seconds: number): string {
  if (seconds <= 0) return '0 s';
  const units: [number, string][] = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const from = units.findIndex(([size]) => seconds >= size);
  return units.slice(from, from + 2).map(([size, unit], i) => {
    const n = i === 0 ? Math.floor(seconds / size) : Math.floor((seconds % units[from][0]) / size);
    return `${n} ${unit}`;
  }).join(' ');
}
