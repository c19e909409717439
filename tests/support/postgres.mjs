/** A PostgreSQL server of a test's own, for tests that kill it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { remove_folder, run, temporary_folder } from './program.mjs';
import { eventually } from './wait.mjs';

const kTool = fileURLToPath(new URL('../../tools/private_postgres.py', import.meta.url));
const kGoneLimitMs = 30_000;
const kRecoveryLimitMs = 60_000;

async function ask(command, ...words) {
  const told = await run(words, { command });
  assert.equal(told.code, 0, told.stderr);
  return told.stdout.trim();
}

export class Postgres {
  /** Ends with the test `t`. What its tables hold survives the server, whatever ends that. */
  static async start(t) {
    const postgres = new Postgres();
    postgres.folder = await temporary_folder();
    t.after(() => postgres.remove());
    await postgres.start_again();
    return postgres;
  }

  async start_again() {
    this.url = await ask('python3', kTool, 'start', this.folder, 'fsync=on');
  }

  async pid() {
    const file = await readFile(join(this.folder, 'data/postmaster.pid'), 'utf8');
    return Number(file.split('\n')[0]);
  }

  /** The processes of the clients, which the server has one each of. */
  async sessions() {
    const told = await ask('psql', '-X', '-A', '-t', '-d', this.url, '-c',
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' " +
      'AND pid <> pg_backend_pid()');
    return told.split('\n').filter(Boolean).map(Number);
  }

  /** kill -9 of one client's process. The server then throws all clients out, and recovers. */
  async kill_session(choose) {
    const sessions = await eventually('PostgreSQL answers', kRecoveryLimitMs,
      () => this.sessions());
    if (sessions.length === 0) return false;
    process.kill(sessions[choose(sessions.length)], 'SIGKILL');
    return true;
  }

  /** kill -9 of all its processes at once, then a new start on what they left. */
  async kill() {
    const server = await this.pid();
    process.kill(server, 'SIGSTOP');  // so that no further child is born
    const children = (await readFile(`/proc/${server}/task/${server}/children`, 'utf8'))
      .split(' ').filter((pid) => pid.trim()).map(Number);
    for (const pid of [server, ...children]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
    // A new server refuses to start as long as there is a process of the old one's number.
    await eventually('PostgreSQL is gone', kGoneLimitMs, async () => {
      for (const pid of [server, ...children]) {
        await assert.rejects(readFile(`/proc/${pid}/stat`), { code: /ENOENT|ESRCH/ });
      }
      return true;
    }, 10);
    await this.start_again();
  }

  async remove() {
    await run([kTool, 'stop', this.folder], { command: 'python3' });
    await remove_folder(this.folder);
  }
}
