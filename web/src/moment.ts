/** Moments and spans for the eye. Moments are milliseconds since the Unix epoch. */
import { language } from './language';

const kMinute = 60_000;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

/** `21 Nov 2026, 14:05` in the visitor's time zone; in Khmer in digits, which every browser has. */
export function moment_text(at: number): string {
  const dateStyle = language() === 'km' ? 'short' : 'medium';
  return new Intl.DateTimeFormat('en-GB', { dateStyle, timeStyle: 'short' }).format(at);
}

/** The same to the second, for records. */
export function exact_moment_text(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}

/** A span to count down: `14:05`, `1:02:09`; never below zero. */
export function countdown_text(span_ms: number): string {
  const seconds = Math.max(0, Math.ceil(span_ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}

/** A span to read at a glance: `4 min`, `3 h 20 min`, `2 d 5 h`. */
export function span_text(span_ms: number): string {
  if (span_ms < kMinute) return `${Math.max(0, Math.floor(span_ms / 1000))} s`;
  const minutes = Math.floor(span_ms / kMinute) % 60;
  if (span_ms < kHour) return `${minutes} min`;
  const hours = Math.floor(span_ms / kHour) % 24;
  if (span_ms < kDay) return `${hours} h ${minutes} min`;
  return `${Math.floor(span_ms / kDay)} d ${hours} h`;
}
