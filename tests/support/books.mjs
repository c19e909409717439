/**
 * The database of a program under test, on the engine that TEST_DB names: a file of SQLite in the
 * program's folder, or a schema of its own in the PostgreSQL of TEST_POSTGRES, which
 * tools/private_postgres.py starts.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { run } from './program.mjs';
import { eventually, kPatienceMs } from './wait.mjs';

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

/** By number, or by their words: the same whatever the engine. */
function in_order(rows) {
  const key_of = (row) => row.id ?? row.seq;
  const words_of = (row) => JSON.stringify(Object.entries(row).sort());
  return rows.sort((a, b) => (key_of(a) === undefined
    ? (words_of(a) < words_of(b) ? -1 : 1)
    : key_of(a) - key_of(b)));
}

/** What a copy has its own of. */
const kOfOneDatabase = ['schema_migrations', 'commit_marks'];
const kPostgresTables = 'SELECT relname AS name FROM pg_class WHERE relkind = \'r\' AND ' +
  'relnamespace = current_schema()::regnamespace ORDER BY name';
const kSqliteTables = 'SELECT m.name, group_concat(quote(c.name) || \', \' || c.name) AS columns ' +
  'FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = \'table\' AND ' +
  'm.name NOT LIKE \'sqlite_%\' GROUP BY m.name';

const url_in = (server, schema) => `${server}&options=-csearch_path%3D${schema}`;

export class Books {
  /** For the program whose folder this is; `server` is another PostgreSQL than all tests share. */
  static async open(folder, server = process.env.TEST_POSTGRES) {
    if (on_postgres) return Books.in_postgres(folder, server);
    const books = new Books();
    books.file = join(folder, 'quittance.db');
    return books;
  }

  /** An empty schema, whichever engine the program itself is on. */
  static async in_postgres(folder, server = process.env.TEST_POSTGRES) {
    assert.ok(server, 'no PostgreSQL: start the tests with tools/private_postgres.py run …');
    const books = new Books();
    books.file = join(folder, 'quittance.db');
    // The folder's name is nobody else's, but PostgreSQL has only one case.
    books.schema = `t_${Buffer.from(basename(folder)).toString('hex')}`;
    books.server = server;
    books.url = url_in(server, books.schema);
    await psql(server, `CREATE SCHEMA ${books.schema}`);
    return books;
  }

  /** These books in another database of the same server, which somebody else has filled. */
  in_database(server) {
    return Object.assign(new Books(), this, { server, url: url_in(server, this.schema) });
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

  /** Every row of every table that the program fills: `{table: rows}`, in the order of keys. */
  async tables() {
    const named = (await this.rows(this.url ? kPostgresTables : kSqliteTables))
      .filter(({ name }) => !kOfOneDatabase.includes(name));
    // A line for each: one process instead of dozens.
    const question = named.map(({ name, columns }) => (this.url
      ? `SELECT coalesce(jsonb_agg(r), '[]') FROM ${name} r;`
      : `SELECT json_group_array(json_object(${columns})) FROM ${name};`)).join('');
    const told = this.url
      ? await psql(this.url, question)
      : await sqlite(this.file, question, '-readonly');
    const lines = told.trim().split('\n').map((line) => JSON.parse(line));
    assert.equal(lines.length, named.length);
    return Object.fromEntries(named.map(({ name }, i) => [name, in_order(lines[i])]));
  }

  /** Nobody else reaches a table of PostgreSQL from now on until `let_go()`. */
  async hold(table) {
    const holder = spawn('psql', ['-X', '-q', '-d', this.url],
      { stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = once(holder, 'close');
    const locks = (granted) => this.rows('SELECT pid FROM pg_locks WHERE ' +
      `relation = '${table}'::regclass AND granted = ${granted} AND pid <> pg_backend_pid()`);
    holder.stdin.write(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE;\n`);
    await eventually(`${table} is held`, kPatienceMs,
      async () => (await locks(true)).length === 1);
    return {
      somebody_waits: async () => (await locks(false)).length > 0,
      async let_go() {
        holder.stdin.end();
        await ended;
      },
    };
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
