/** Tells a repeated press from a new wish. */
import { new_idempotency_key } from '../api';

/** The same content keeps its key, so that pressing again after silence acts once. */
export class Attempt {
  private content = '';
  private key = '';

  key_for(content: object): string {
    const text = JSON.stringify(content);
    if (text !== this.content) {
      this.content = text;
      this.key = new_idempotency_key();
    }
    return this.key;
  }
}
