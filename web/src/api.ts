/**
 * The one place that talks to the server: docs/api.md with types. Every call resolves with the
 * answer's body or throws an ApiError that carries the server's words and its Request-Id.
 */

import type { TaxReceipt } from './tax_receipt';

export type OrderStatus = 'PENDING' | 'COMPLETED' | 'CANCELLED' | 'REFUNDED';
export type Attention =
  | 'underpaid'
  | 'excess'
  | 'paid_late'
  | 'shortage'
  | 'approval'
  | 'mismatch'
  | 'reversed';
export type StatusFilter = 'all' | 'pending' | 'completed' | 'cancelled' | 'refunded';

export interface Product {
  id: number;
  name: string;
  description: string;
  picture: string;
  price_minor: number;
  currency: string;
  available: number;
}

export interface NewOrder {
  items: { product_id: number; quantity: number }[];
  /** Of a Way. */
  payment_method: string;
  /** Where the way rings a phone. */
  payer_phone?: string;
  customer_name?: string;
  customer_email?: string;
}

/** A way of paying that the shop has set up. */
export interface Way {
  payment_method: string;
  /** A proper name: the same in every language. */
  title: string;
  /** English; may be empty. */
  text: string;
  /** Null: any. */
  currencies: string[] | null;
  rings_phone: boolean;
}

export interface PlacedOrder {
  order_id: number;
  order_secret: string;
  checkout_url: string;
}

export interface Order {
  order_id: number;
  status: OrderStatus;
  amount_minor: number;
  paid_minor: number;
  refunded_minor: number;
  due_minor: number;
  currency: string;
  item_count: number;
  customer_name: string | null;
  payment_method: string;
  created_at: number;
  completed_at: number | null;
  attention: Attention[];
  receipt_url: string | null;
}

export interface OrderPage {
  orders: Order[];
  next_cursor: string | null;
  /** `attention` is counted for staff only; of each kind no more than `counted_to`. */
  counts: Record<StatusFilter, number> & { attention?: number; counted_to?: number };
}

export interface Session {
  session_id: string;
  amount_minor: number;
  currency: string;
  md5_hash: string;
  bill_number: string;
  recovery_code: string;
  status: 'pending' | 'completed' | 'failed' | 'expired';
  payment_verification_status: 'pending' | 'verified' | 'rejected';
  created_at: number;
  expires_at: number;
  completed_at: number | null;
  qr_svg_url: string;
}

export interface Settlement {
  id: number;
  provider: string;
  provider_ref: string;
  outcome: string;
  amount_minor: number;
  /** Of the amount: beyond what was owed. */
  excess_minor: number;
  /** Of the amount: not given back since. */
  held_minor: number;
  currency: string;
  method: 'automatic' | 'manual';
  reason: string | null;
  paid_at: number | null;
  settled_at: number;
  /** Until when the person who said that it came may take that back; null: nobody may. */
  void_until_at: number | null;
}

export interface Refund {
  id: number;
  settlement_id: number;
  kind: 'refund' | 'reversal' | 'void';
  provider_ref: string;
  amount_minor: number;
  from_excess_minor: number;
  currency: string;
  actor: string;
  reason: string;
  refunded_at: number;
}

export interface Evidence {
  id: number;
  kind: 'payment' | 'refund' | 'reversal' | 'void';
  source: string;
  provider: string;
  provider_ref: string | null;
  amount_minor: number | null;
  currency: string | null;
  paid_at: number | null;
  seen_at: number;
  actor: string;
  reason: string;
  outcome: string;
}

export interface MoneyAct {
  reason: string;
  /** The bank's reference of the money that came or went. */
  provider_ref?: string;
  evidence_id?: number;
  settlement_id?: number;
  /** In major units, as text: `12.50`. */
  amount?: string;
}

/** What came of something that staff did to an order's money. */
export interface Done {
  /** The order's status afterwards. */
  status: 'pending' | 'completed' | 'canceled' | 'refunded';
  outcome: string;
}

export interface OrderDetail extends Order {
  transaction_id: string;
  items: { product_id: number; name: string; quantity: number; price_minor: number }[];
  sessions: Session[];
  pass: { code: string; url: string; qr_svg_url: string; valid_until_at: number } | null;
  tax_receipts: TaxReceipt[];
  customer_email?: string | null;
  settlements?: Settlement[];
  refunds?: Refund[];
  evidence?: Evidence[];
  approvals?: {
    approver: string;
    decision: 'approved' | 'rejected';
    reason: string | null;
    evidence_id: number | null;
    at: number;
  }[];
  queries?: {
    asked_at: number;
    times: number;
    answer: 'paid' | 'not_yet' | 'final_no' | 'unknown';
    reason: string | null;
    duration_ms: number;
  }[];
  audit?: { at: number; actor: string; action: string; details: unknown }[];
}

/** One step of an order's story; `seq` is its place in the log, null for a question. */
export interface HistoryLine {
  at: number;
  seq: number | null;
  key: string;
  params: Record<string, string>;
  text: string;
}

export interface LiveStatus {
  order_id: number;
  status: OrderStatus;
  session_status: Session['status'] | null;
  expires_at: number | null;
  checked_at: number | null;
  provider_state: 'ok' | 'unavailable';
  receipt_url: string | null;
  attention: Attention[];
}

export interface FoundOrder {
  order_id: number;
  amount_minor: number;
  currency: string;
  status: OrderStatus;
  item_count: number;
  customer_name: string | null;
}

export interface Recovered {
  order_id: number;
  status: 'completed' | 'pending_verification' | 'refunded';
  message: string;
  checkout_url: string;
  receipt_url: string | null;
}

export interface Me {
  role: 'guest' | 'customer' | 'staff' | 'admin';
  username: string | null;
  csrf_token: string | null;
  livemode: boolean;
  merchant: string;
  sandbox_url: string | null;
}

/** What went wrong, in the server's words. `code` is `network` when no answer came at all. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    readonly param: string | null,
    readonly request_id: string | null,
    readonly retry_after: number | null = null,
  ) {
    super(message);
  }

  /** True where only the operators can tell more, so that the Request-Id is worth showing. */
  get unexpected(): boolean {
    return this.status >= 500 || this.code === 'bad_answer';
  }
}

const kTimeoutMs = 20_000;
const csrf_meta = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]');

/** Who never ordered here has no session, and so nothing that only a session may see. */
export function has_session(): boolean {
  return Boolean(csrf_meta?.content);
}

export interface CallOptions {
  /** Same key + same body = same answer, so that a repeated tap does not act twice. */
  idempotency_key?: string;
  /** The secret of one order, for a visitor who came by its link. */
  order_secret?: string | null;
}

/** A key that no other attempt has; 128 random bits. */
export function new_idempotency_key(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function failure(response: Response): Promise<ApiError> {
  const request_id = response.headers.get('Request-Id');
  const wait = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  let told: { code?: string; message?: string; param?: string; request_id?: string } = {};
  try {
    told = ((await response.json()) as { error?: typeof told }).error ?? {};
  } catch {
    // A proxy's error page: the status has to do.
  }
  return new ApiError(
    told.code ?? 'bad_answer',
    response.status,
    told.message ?? `HTTP ${response.status}`,
    told.param ?? null,
    told.request_id ?? request_id,
    Number.isNaN(wait) ? null : wait,
  );
}

async function send(path: string, body: unknown, options: CallOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (options.order_secret) headers['X-Order-Secret'] = options.order_secret;
  const request: RequestInit = { headers, signal: AbortSignal.timeout(kTimeoutMs) };
  if (body !== undefined) {
    request.method = 'POST';
    request.body = JSON.stringify(body);
    headers['Content-Type'] = 'application/json';
    if (csrf_meta?.content) headers['X-CSRF-Token'] = csrf_meta.content;
    if (options.idempotency_key) headers['Idempotency-Key'] = options.idempotency_key;
  }
  try {
    return await fetch(path, request);
  } catch {
    throw new ApiError('network', 0, 'No connection to the shop.', null, null);
  }
}

async function answer<T>(response: Response): Promise<T> {
  if (!response.ok) throw await failure(response);
  try {
    return (await response.json()) as T;
  } catch {
    const id = response.headers.get('Request-Id');
    throw new ApiError('bad_answer', response.status, 'The answer was cut short.', null, id);
  }
}

export async function get<T>(path: string, options: CallOptions = {}): Promise<T> {
  return answer<T>(await send(path, undefined, options));
}

/** Remembers the token that every later POST carries. */
function keep_csrf(token: string | null): void {
  if (csrf_meta && token) csrf_meta.content = token;
}

/**
 * A page taken back from the browser's memory may be older than its session. When a POST is
 * refused for that, the token is fetched afresh and the same attempt is made once more.
 */
export async function post<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
  const attempt = { idempotency_key: new_idempotency_key(), ...options };
  const before = csrf_meta?.content;
  const response = await send(path, body, attempt);
  if (response.status !== 403) return answer<T>(response);
  keep_csrf((await api.me()).csrf_token);
  if (csrf_meta?.content === before) return answer<T>(response);
  return answer<T>(await send(path, body, attempt));
}

export const api = {
  me: () => get<Me>('/api/auth/me'),
  products: () => get<{ products: Product[] }>('/api/products'),
  ways: async () => (await get<{ methods: Way[] }>('/api/payment/methods')).methods,
  place_order: (order: NewOrder, idempotency_key: string) =>
    post<PlacedOrder>('/api/orders', order, { idempotency_key }),
  /** `attention`, for staff: whichever status, only those that a person should look at. */
  orders: (which: StatusFilter | 'attention', cursor: string | null, limit = 20) => {
    const query = new URLSearchParams({ limit: String(limit) });
    if (which === 'attention') query.set('attention', '1');
    else query.set('status', which);
    if (cursor) query.set('cursor', cursor);
    return get<OrderPage>(`/api/orders?${query}`);
  },
  order: (id: number) => get<OrderDetail>(`/api/orders/${id}`),
  history: async (id: number) =>
    (await get<{ history: HistoryLine[] }>(`/api/orders/${id}/history`)).history,
  status: (id: number, order_secret: string | null) =>
    get<LiveStatus>(`/api/orders/${id}/status`, { order_secret }),
  cancel: (id: number, order_secret: string | null) =>
    post<{ order_id: number }>(`/api/orders/${id}/cancel`, {}, { order_secret }),
  deep_link: (session_id: string) =>
    post<{ url: string | null }>(`/api/payment/sessions/${session_id}/deep-link`, {}),
  verify_qr: (qr_data: string) =>
    post<{ order_data: FoundOrder }>('/api/payment/verify-qr', { qr_data }),
  recover: (qr_data: string) => post<Recovered>('/api/payment/recover-from-qr', { qr_data }),
};

/** What only staff may call. */
export const staff_api = {
  login: async (username: string, password: string) => {
    const body = { username, password };
    const session = await post<{ role: Me['role']; csrf_token: string }>('/api/auth/login', body);
    keep_csrf(session.csrf_token);
    return session;
  },
  logout: () => post<unknown>('/api/auth/logout', {}),
  verify_instantly: (order_id: number) =>
    post<{ status: 'completed' | 'pending' | 'unknown' | 'cancelled' | 'refunded' }>(
      '/api/payment/verify-instantly',
      { order_id },
    ),
  /** What staff do to an order's money: `act` is the last part of the route. */
  act: (
    order_id: number,
    act: 'mark-paid' | 'confirm-payment' | 'reject-payment' | 'refund' | 'void',
    body: MoneyAct,
    idempotency_key: string,
  ) => post<Done>(`/api/orders/${order_id}/${act}`, body, { idempotency_key }),
};
