/** The way back to the login, and from there to where somebody wanted to go. */
import { api, ApiError, staff_api } from '../api';

/** Whether an answer means that nobody from the staff is logged in (any more). */
async function is_stranger(error: ApiError): Promise<boolean> {
  if (error.status === 401) return true;
  // What strangers may not see does not exist for them; but staff are refused things too.
  if (error.status !== 403 && error.status !== 404) return false;
  const { role } = await api.me();
  return role !== 'staff' && role !== 'admin';
}

/** Sends an unknown visitor to the login; true when that happened. */
export async function sent_to_login(error: unknown): Promise<boolean> {
  if (!(error instanceof ApiError) || !(await is_stranger(error).catch(() => false))) return false;
  const here = location.pathname + location.search;
  location.assign(`/staff/login?next=${encodeURIComponent(here)}`);
  return true;
}

/** Where to go after the login: only ever into our own staff pages. */
export function after_login(query: string): string {
  const next = new URLSearchParams(query).get('next') ?? '';
  return /^\/staff\/[a-z]+(\?[\w=&-]*)?$/.test(next) ? next : '/staff/orders';
}

/** Makes the header's button end the session. */
export function wire_logout(): void {
  document.getElementById('logout')?.addEventListener('click', () => {
    staff_api.logout().then(
      () => location.assign('/staff/login'),
      () => location.reload(), // Not logged out: the page shows what is the case.
    );
  });
}
