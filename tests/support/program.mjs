/** The program under test as a process: started, waited for, stopped, killed, started again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { in_time } from './wait.mjs';

/** For a slow machine with other work, and its first look at the program's file. */
const kStartLimitMs = 60_000;
const kStopLimitMs = 30_000;
const kOutputLimit = 4_000_000;
// One listener for each temporary folder.
process.setMaxListeners(100);
/** Processes that have not ended yet. */
const living = new Set();
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

export const program =
  process.env.QUITTANCE_PROGRAM ??
  fileURLToPath(new URL('../../build/release/quittance', import.meta.url));

/** The environment of this process without the program's own settings, and with `settings`. */
export function environment(settings = {}) {
  const ours = /^(QUITTANCE|BAKONG|STRIPE|RAZORPAY|QPAY|MVOLA)_/;
  const own = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(own), ...settings };
}

/** A new folder; it goes with `remove_folder`, or at the end of this process. */
export async function temporary_folder() {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function remove_folder(folder) {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Where this process looks for free ports: below those that a machine gives away by itself, so that
 * nobody is given one while its server is started again; not where the next process looks; and
 * above 10080, which browsers refuse.
 */
let next_port = 11_000 + (process.pid % 1_300) * 16;
const kPortsTried = 1_000;

/** A port that nobody listened on a moment ago, another one each time. */
export async function free_port() {
  for (let tried = 0; tried < kPortsTried; ++tried) {
    const port = next_port++;
    const listener = createServer();
    const heard = once(listener, 'listening');
    listener.listen(port);
    try {
      await heard;
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
      continue;
    }
    listener.close();
    await once(listener, 'close');
    return port;
  }
  throw new Error(`no free port below ${next_port}`);
}

/** A running command that says where it listens. */
export class Process {
  constructor(args, settings) {
    this.output = '';
    this.child = spawn(program, args, {
      env: environment(settings),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Whoever forgets it after a failure does not keep the tests from ending.
    for (const held of [this.child, this.child.stdout, this.child.stderr]) held.unref();
    living.add(this.child);
    this.ended = once(this.child, 'exit').then(([code, signal]) => {
      living.delete(this.child);
      return { code, signal };
    });
    /** Later: all that it said has been read. */
    this.silent = once(this.child, 'close');
    this.silent.catch(() => undefined);
    const keep = (bytes) => {
      if (this.output.length < kOutputLimit) this.output += bytes;
    };
    this.child.stdout.on('data', keep);
    this.child.stderr.on('data', keep);
  }

  /** Starts `quittance <args>` and waits for the line that says where it listens. */
  static async start(args, settings = {}, line_of = /listens on (http:\/\/\S+)/) {
    const started = new Process(args, settings);
    const said = new Promise((resolve) => {
      const look = () => {
        const line = line_of.exec(started.output);
        if (line) resolve(line[1]);
      };
      started.child.stdout.on('data', look);
    });
    const gone = started.ended.then(({ code, signal }) => {
      throw new Error(`quittance ${args[0]} ended (${code ?? signal}): ${started.output}`);
    });
    gone.catch(() => undefined);
    try {
      started.url = await in_time(`start of ${args[0]}`, kStartLimitMs,
        Promise.race([said, gone]));
    } catch (error) {
      started.child.kill('SIGKILL');
      throw error;
    }
    return started;
  }

  running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it and waits until it is gone; gives what it ended with. */
  async stop(signal = 'SIGTERM') {
    if (this.running()) this.child.kill(signal);
    try {
      const ended = await in_time(`end after ${signal}`, kStopLimitMs, this.ended);
      await in_time('its last words', kStopLimitMs, this.silent);
      return ended;
    } catch (error) {
      this.child.kill('SIGKILL');
      throw error;
    }
  }
}

/** Runs a command that ends by itself: `{code, stdout, stderr}`. */
export async function run(args, { input = '', settings = {}, command = program } = {}) {
  const child = spawn(command, args, { env: environment(settings), stdio: 'pipe' });
  const told = { code: null, stdout: '', stderr: '' };
  // A letter of several bytes may come in two pieces.
  child.stdout.setEncoding('utf8').on('data', (piece) => (told.stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece) => (told.stderr += piece));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    [told.code] = await in_time(`end of ${args[0]}`, kStartLimitMs, once(child, 'close'));
  } finally {
    child.kill('SIGKILL');
  }
  return told;
}
