/** What to tell a visitor when a call failed: our words where we know the case. */
import { ApiError } from './api';
import { t, type Key } from './language';

const kKnown: Readonly<Record<string, Key>> = {
  network: 'error_network',
  provider_unavailable: 'error_bank',
  overloaded: 'error_busy',
  storage_failure: 'error_busy',
  timeout: 'error_busy',
};

export function trouble_text(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.code === 'rate_limited') return t('error_wait', { n: error.retry_after ?? 60 });
  const key = kKnown[error.code];
  return key ? t(key) : error.message;
}
