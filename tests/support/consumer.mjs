/** A merchant's own program: it hears events by HTTP, and answers as it is told to. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import http from 'node:http';

const kToleranceS = 300;

/** What docs/webhooks.md tells merchants to do; the event, or an error. */
export function read_event(headers, body, secret, now_s = Date.now() / 1000) {
  const parts = headers['quittance-signature'].split(',').map((part) => part.split('='));
  const seconds = parts.find(([name]) => name === 't')[1];
  const expected = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
  const good = parts.some(([name, value]) => name === 'v1' && value.length === 64 &&
    timingSafeEqual(Buffer.from(value, 'hex'), expected));
  if (!good) throw new Error('not signed with this secret');
  if (Math.abs(now_s - Number(seconds)) > kToleranceS) throw new Error('too old');
  return JSON.parse(body);
}

export class Consumer {
  /** `status` 0: it takes the request and never answers. */
  static async start(t, { status = 200, headers = {}, answer = '' } = {}) {
    const consumer = new Consumer();
    Object.assign(consumer, { status, headers, answer, heard: [], open: 0, most_open: 0 });
    consumer.listener = http.createServer(async (request, reply) => {
      consumer.most_open = Math.max(consumer.most_open, ++consumer.open);
      request.on('close', () => --consumer.open);
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method, url } = request;
      consumer.heard.push({ method, url, headers: request.headers, body: Buffer.concat(chunks) });
      if (consumer.status === 0) return;
      reply.writeHead(consumer.status, consumer.headers).end(consumer.answer);
    });
    consumer.listener.unref();  // What a test forgot does not keep it from ending.
    await new Promise((resolve) => consumer.listener.listen(0, '127.0.0.1', resolve));
    consumer.url = `http://127.0.0.1:${consumer.listener.address().port}/hook`;
    t.after(() => {
      consumer.listener.closeAllConnections();
      consumer.listener.close();
    });
    return consumer;
  }
}
