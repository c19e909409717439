/** A real SMTP server that keeps what it takes, with knobs for what goes wrong. */
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const refusal = (code) => Object.assign(new Error('scripted'), { responseCode: code });

export class MailServer {
  /**
   * Knobs: `refused` is a code for every recipient, `silent_after_data` takes a mail and never says
   * so, `login` is {username, password}, `options` are those of smtp-server.
   */
  static async start(t, { port = 0, login = null, options = {} } = {}) {
    const server = new MailServer();
    server.mails = [];
    server.logins = 0;
    server.refused = 0;
    server.silent_after_data = false;
    server.listener = new SMTPServer({
      authOptional: !login,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      closeTimeout: 100,
      onAuth: (auth, session, done) => {
        const good = auth.username === login?.username && auth.password === login?.password;
        server.logins += good;
        done(good ? null : refusal(535), { user: auth.username });
      },
      onRcptTo: (address, session, done) =>
        done(server.refused ? refusal(server.refused) : null),
      onData: (stream, session, done) => server.take(stream, session, done),
      ...options,
    });
    await new Promise((resolve, reject) => {
      server.listener.on('error', reject);  // later ones are of a connection, and ignored
      server.listener.listen(port, '0.0.0.0', resolve);
    });
    server.port = server.listener.server.address().port;
    server.listener.server.unref();  // What a test forgot does not keep it from ending.
    t.after(() => server.close());
    return server;
  }

  async take(stream, session, done) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const mail = await simpleParser(raw);
    this.mails.push({ ...mail, raw: raw.toString('latin1'), envelope: session.envelope });
    if (!this.silent_after_data) done();
  }

  /** As a mailbox shows them that knows a mail by its Message-ID. */
  distinct() {
    return new Set(this.mails.map((mail) => mail.messageId)).size;
  }

  close() {
    return new Promise((resolve) => this.listener.close(resolve));
  }
}
