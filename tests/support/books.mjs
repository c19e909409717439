/**
 * The database of a program under test, on the engine that TEST_DB names: a file of SQLite in the
 * program's folder, or a schema of its own in the PostgreSQL of TEST_POSTGRES, which
 * tools/private_postgres.py starts.
 */
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { run } from './program.mjs';

export const on_postgres = process.env.TEST_DB === 'postgres';

async function psql(url, statement) {
  const told = await run(['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', url,
    '-c', statement], { command: 'psql' });
  assert.equal(told.code, 0, told.stderr);
  return told.stdout;
}

async function sqlite(file, statement, ...options) {
  const told = await run([...options, '-cmd', '.timeout 10000', file, statement],
    { command: 'sqlite3' });
  assert.equal(told.code, 0, told.stderr);
  return told.stdout;
}

export class Books {
  /** For the program whose folder this is; `server` is another PostgreSQL than all tests share. */
  static async open(folder, server = process.env.TEST_POSTGRES) {
    const books = new Books();
    books.file = join(folder, 'quittance.db');
    if (on_postgres) {
      assert.ok(server, 'no PostgreSQL: start the tests with tools/private_postgres.py run …');
      // The folder's name is nobody else's, but PostgreSQL has only one case.
      books.schema = `t_${Buffer.from(basename(folder)).toString('hex')}`;
      books.server = server;
      books.url = `${server}&options=-csearch_path%3D${books.schema}`;
      await psql(server, `CREATE SCHEMA ${books.schema}`);
    }
    return books;
  }

  /** What the program has to be told. */
  settings() {
    return this.url ? { QUITTANCE_DB: this.url } : {};
  }

  /** The same for a command that reads the books, with the folder of the keys. */
  flags(folder) {
    return ['--data', folder, ...(this.url ? ['--db', this.url] : [])];
  }

  /** Rows of a question to the database itself, past the program. */
  async rows(question) {
    const told = this.url
      ? await psql(this.url, `SELECT coalesce(json_agg(rows), '[]') FROM (${question}) rows`)
      : await sqlite(this.file, question, '-readonly', '-json');
    return told.trim() ? JSON.parse(told) : [];
  }

  /** Changes the database past the program. */
  async change(statement) {
    await (this.url ? psql(this.url, statement) : sqlite(this.file, statement));
  }

  /** What the engine itself finds wrong with its data. */
  async damage() {
    if (this.url) return [];
    const sound = await this.rows('PRAGMA integrity_check');
    return [...sound.filter((row) => row.integrity_check !== 'ok'),
      ...await this.rows('PRAGMA foreign_key_check')];
  }

  /** Another server than that of all tests goes as a whole. */
  async remove() {
    const shared = this.server === process.env.TEST_POSTGRES;
    if (this.url && shared) await psql(this.server, `DROP SCHEMA ${this.schema} CASCADE`);
  }
}
