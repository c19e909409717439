/** A small HTTP client: cookies, CSRF, the secret of an order; it follows nothing by itself. */
import http from 'node:http';

/** Some replies wait for a provider's third attempt. */
const kReplyLimitMs = 120_000;

/** Sooner than the server closes what idles, so that no request meets it while it does. */
const kIdleMs = 30_000;
const kConnections = { keepAlive: true, maxSockets: 64, timeout: kIdleMs };

/** One visitor with a browser's memory. */
export class Client {
  constructor(base_url, { agent = new http.Agent(kConnections) } = {}) {
    this.base_url = base_url;
    this.agent = agent;
    this.cookies = new Map();
    this.csrf_token = null;
    this.bearer = null;
  }

  close() {
    this.agent.destroy();
  }

  headers_for(method, extra) {
    const headers = {};
    if (this.cookies.size > 0) {
      headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    }
    if (this.bearer) headers.authorization = `Bearer ${this.bearer}`;
    if (method === 'POST' && this.csrf_token) headers['x-csrf-token'] = this.csrf_token;
    return { ...headers, ...extra };
  }

  keep_cookies(lines = []) {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  /** Sends; `body` is text or bytes as they go over the wire. */
  send(method, path, { headers = {}, body = null } = {}) {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.base_url);
      const request = http.request(
        // The path goes out to the letter: a URL would tidy it up.
        { method, hostname, port, path, agent: this.agent,
          headers: this.headers_for(method, headers) },
        (reply) => {
          const chunks = [];
          reply.on('data', (chunk) => chunks.push(chunk));
          reply.on('error', reject);
          reply.on('end', () => {
            this.keep_cookies(reply.headers['set-cookie']);
            resolve(read_reply(reply, Buffer.concat(chunks)));
          });
        },
      );
      request.setTimeout(kReplyLimitMs, () => {
        request.destroy(new Error(`no reply from ${method} ${path}`));
      });
      request.on('error', reject);
      request.end(body ?? undefined);
    });
  }

  get(path, headers = {}) {
    return this.send('GET', path, { headers });
  }

  post(path, json = {}, headers = {}) {
    return this.send('POST', path, {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(json),
    });
  }

  post_form(path, fields, headers = {}) {
    return this.send('POST', path, {
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Logs in and keeps cookie and CSRF token; gives the reply. */
  async log_in(username, password) {
    const reply = await this.post('/api/auth/login', { username, password });
    if (reply.status === 200) this.csrf_token = reply.json.csrf_token;
    return reply;
  }

  /** Asks who one is, and keeps the CSRF token that goes with the cookie. */
  async who() {
    const { json } = await this.get('/api/auth/me');
    this.csrf_token = json.csrf_token;
    return json;
  }

  /**
   * Listens to server-sent events: `on_event({event, data})` for each. Gives a function that hangs
   * up, and a promise of the end of the stream.
   */
  listen(path, on_event, headers = {}) {
    let request;
    const ended = new Promise((resolve, reject) => {
      const options = { agent: false, headers: this.headers_for('GET', headers) };
      request = http.request(new URL(path, this.base_url), options, (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (piece) => {
          const blocks = (text + piece).split('\n\n');
          text = blocks.pop();
          blocks.map(read_event).filter(Boolean).forEach(on_event);
        });
        reply.on('end', () => resolve(reply));
        reply.on('error', reject);
      });
      request.on('error', reject);
      request.end();
    });
    return { ended, hang_up: () => request.destroy() };
  }
}

function read_reply(reply, bytes) {
  const type = reply.headers['content-type'] ?? '';
  const text = /^image\/png/.test(type) ? '' : bytes.toString('utf8');
  let json = null;
  if (type.startsWith('application/json') && text) json = JSON.parse(text);
  return { status: reply.statusCode, headers: reply.headers, bytes, text, json };
}

function read_event(block) {
  const event = /^event: (.*)$/m.exec(block);
  const data = /^data: (.*)$/m.exec(block);
  return event && data ? { event: event[1], data: JSON.parse(data[1]) } : null;
}
