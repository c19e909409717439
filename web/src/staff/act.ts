/** What staff can do to an order's money, and how it is told when it is done. */
import type { Done, Evidence, Settlement } from '../api';
import { staff_texts as texts } from '../messages/staff';

export type Act =
  | { kind: 'mark' }
  | { kind: 'confirm'; claim: Evidence }
  | { kind: 'refuse'; claim: Evidence }
  | { kind: 'give_back'; settlement: Settlement }
  | { kind: 'take_back'; settlement: Settlement };

export interface Told {
  look: 'good' | 'wait' | 'none';
  text: string;
}

/** What became of the order, in words; `sum` is what was given back. */
export function told_of(kind: Act['kind'], { status, outcome }: Done, sum: string): Told {
  const order = texts.became[status];
  if (kind === 'refuse') return { look: 'none', text: `${texts.refuse.done} ${order}` };
  if (kind === 'take_back') return { look: 'none', text: `${texts.take_back.done} ${order}` };
  if (kind === 'give_back') return { look: 'good', text: `${texts.back.done(sum)} ${order}` };
  if (outcome === 'awaiting_approval') return { look: 'wait', text: texts.mark.waits };
  if (status === 'completed') {
    return { look: 'good', text: `${texts[kind].done} ${order}` };
  }
  // Counted, and yet the order is not done with: the flags beside its number say why.
  return { look: 'wait', text: `${texts.mark.counted} ${order}` };
}
