/** What providers list, and the runs that read it (docs/api.md). */
import { get, post } from '../api';

export type RunState = 'running' | 'done' | 'partial' | 'failed' | 'abandoned';

export interface SyncRun {
  id: number;
  provider: string;
  reason: 'schedule' | 'demand';
  actor: string;
  state: RunState;
  error: string | null;
  started_at: number;
  fetched: number;
  settled: number;
  unmatched: number;
}

export interface ListedPayment {
  payment_id: number;
  provider: string;
  payment_ref: string;
  state: string;
  amount_minor: number;
  currency: string;
  payer: string;
  created_at: number;
  /** Of a registration for an event, why it admitted nobody. */
  outcome: string | null;
}

export const payments_api = {
  unmatched: () =>
    get<{ payments: ListedPayment[]; unmatched_count: number }>('/api/payments?matched=false'),
  runs: () => get<{ runs: SyncRun[] }>('/api/admin/sync-runs?limit=20'),
  sync: () => post<{ success: boolean; message: string }>('/api/payments/sync', {}),
};

export const payments_texts = {
  lead: 'Money that a provider lists and that fits no session of ours. It is counted nowhere yet.',
  none: 'Every payment that was listed has its session.',
  sync: 'Sync now',
  syncing: 'Reading the lists…',
  how_often: 'Lists are read by themselves every half hour. Without a notice, it may take so long.',
  runs: 'Newest runs',
  no_runs: 'No list was read yet.',
  columns: ['Payment', 'Provider', 'State', 'Amount', 'Payer', 'Made', 'Registration'],
  why_not: {
    details_missing: 'Name or roll number is missing',
    event_over: 'Its event is over',
    no_event: 'It names no event of ours',
    not_captured: 'Only authorized: capture it',
    refunded: 'Given back',
    other_currency: 'Not the currency of the price',
    below_price: 'Less than the price',
    registered_before: 'This roll number has a place',
    event_full: 'No place is left',
  } as Record<string, string>,
  run_columns: ['Started', 'Provider', 'By', 'Result', 'Read', 'Settled', 'Without a session'],
  states: {
    running: 'Running',
    done: 'Done',
    partial: 'Done in part',
    failed: 'Failed',
    abandoned: 'Stopped in the middle',
  } satisfies Record<RunState, string>,
} as const;

/** Why a registration admitted nobody; a dash for a payment that is none. */
export const why_not = (outcome: string | null): string =>
  outcome ? (payments_texts.why_not[outcome] ?? outcome) : '–';
