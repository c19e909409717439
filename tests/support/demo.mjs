/** `quittance demo` under test: what `make run` starts, with a folder and ports of its own. */
import { Bank } from './bank.mjs';
import { Books } from './books.mjs';
import { Client } from './client.mjs';
import { free_port, Process, temporary_folder } from './program.mjs';
import { eventually } from './wait.mjs';

export const kAdminPassword = 'correct horse battery staple';
const kStartLimitMs = 60_000;
/** Of ports that somebody else took between the look and the start. */
const kStartAttempts = 3;

/** Many pages come from one address here, which a shop would rightly find odd. */
const kOneAddress = {
  QUITTANCE_REQUESTS_PER_MINUTE: '10000000',
  QUITTANCE_GUARDED_REQUESTS_PER_MINUTE: '10000000',
};

export class Demo {
  /**
   * Starts it; it ends with the test `t`. `settings` may replace any setting; null removes it.
   * `flags` are more words for the command line.
   */
  static async start(t, settings = {}, flags = []) {
    const demo = new Demo();
    demo.flags = flags;
    demo.folder = await temporary_folder(t);
    demo.books = await Books.open(demo.folder);
    const merged = { ...kOneAddress, QUITTANCE_ADMIN_PASSWORD: kAdminPassword,
      ...demo.books.settings(), ...settings };
    demo.settings = Object.fromEntries(
      Object.entries(merged).filter(([, value]) => value !== null));
    t.after(async () => {
      await demo.process?.stop();
      await demo.books.remove();
    });
    await demo.start_process();
    demo.client = new Client(demo.url);
    t.after(() => demo.client.close());
    demo.bank = new Bank();
    demo.bank.url = demo.bank_url;
    demo.bank.client = new Client(demo.bank_url);
    t.after(() => demo.bank.client.close());
    return demo;
  }

  /** Starts the process, also again after its end, at other addresses than before. */
  async start_process() {
    for (let attempt = 1; ; ++attempt) {
      try {
        await this.try_start();
        if (this.client) this.client.base_url = this.url;
        if (this.bank) this.bank.client.base_url = this.bank.url = this.bank_url;
        return;
      } catch (error) {
        if (attempt === kStartAttempts) throw error;
        await this.process.stop('SIGKILL');
      }
    }
  }

  /** Reads the addresses and the password from what it prints, as people do. */
  async try_start() {
    const [port, sandbox_port] = [await free_port(), await free_port()];
    this.process = new Process(['demo', '--port', String(port), '--sandbox-port',
      String(sandbox_port), '--data', this.folder, ...this.flags], this.settings);
    const printed = () => /Sandbox bank +\S+\/\n/.test(this.process.output);
    await eventually('the demo prints its addresses', kStartLimitMs,
      () => printed() || !this.process.running());
    if (!printed()) throw new Error(`the demo ended: ${this.process.output}`);
    const { output } = this.process;
    this.url = /Shop +(\S+)\/\n/.exec(output)[1];
    this.bank_url = /Sandbox bank +(\S+)\/\n/.exec(output)[1];
    [, this.staff_url, this.username, this.password] =
      /Staff +(\S+) +\((\w+) \/ (.+)\)\n/.exec(output);
  }

  /** Rows of a question to the database itself, past the program. */
  sql(question) {
    return this.books.rows(question);
  }

  /** Changes the database past the program: for what only time would bring about. */
  change(statement) {
    return this.books.change(statement);
  }

  async stock(product_id) {
    const [row] = await this.sql(
      `SELECT stock, reserved FROM products WHERE id = ${Number(product_id)}`);
    return row;
  }
}
