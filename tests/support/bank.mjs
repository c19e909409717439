/** The sandbox bank: another process, with knobs for what goes wrong. */
import { Client } from './client.mjs';
import { free_port, Process, remove_folder, temporary_folder } from './program.mjs';

/** The knobs that Bakong and every other rail have for an honest wire. */
export const kHonestWire = {
  latency_ms: 0,
  latency_jitter_ms: 0,
  timeout_percent: 0,
  error_rate_percent: 0,
  server_error_percent: 0,
  forbidden_html_percent: 0,
  too_many_requests_percent: 0,
  garbage_percent: 0,
  truncated_percent: 0,
  unauthorized: false,
};

export class Bank {
  /** Starts `quittance sandbox` on a port that is still free when it is started again. */
  static async start() {
    const bank = new Bank();
    bank.folder = await temporary_folder();
    bank.process = await Process.start(
      ['sandbox', '--sandbox-port', String(await free_port()), '--data', bank.folder]);
    bank.url = bank.process.url;
    bank.client = new Client(bank.url);
    return bank;
  }

  /** Starts it again with the same books on the same port, after `process.stop()`. */
  async start_again() {
    const { port } = new URL(this.url);
    this.process = await Process.start(['sandbox', '--sandbox-port', port, '--data', this.folder]);
  }

  async close() {
    this.client.close();
    await this.process.stop();
    await remove_folder(this.folder);
  }

  async control(path, body = {}) {
    const reply = await this.client.post(`/control/${path}`, body);
    if (reply.status !== 200) throw new Error(`/control/${path}: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  /** A token of the Open API; a negative lifetime makes one that has expired. */
  async token(expires_in_s) {
    return (await this.control('token', expires_in_s ? { expires_in_s } : {})).token;
  }

  /** Pays a KHQR; `terms` may name amount, currency, receiver, status, delay_ms, attempt. */
  async pay(qr, terms = {}) {
    return (await this.control('pay', { qr, ...terms })).transfer;
  }

  set_faults(faults) {
    return this.control('faults', faults);
  }

  /** Every knob that makes the Open API misbehave, back to honest. */
  clear_faults() {
    return this.set_faults({ ...kHonestWire, forbidden_html_scope: 'all', not_found_for_ms: 0 });
  }

  async calls() {
    return (await this.client.get('/control/calls')).json;
  }
}
