// A server in front of a console that sends the first part of one page, and the rest when it is told to.

import { type IncomingMessage, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How much of the page is sent at first: of the token list, some rows. */
const PART = 0.7;

export interface SlowServer {
  origin: string;
  sendRest(): void;
  stop(): void;
}

async function body(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Forwards everything to `origin`, but at first sends only that part of the page at `slowPath`. */
export async function startSlowServer(origin: string, slowPath: string): Promise<SlowServer> {
  let sendRest = (): void => {};
  const server = createServer((incoming, outgoing) => {
    const { url, method, headers } = incoming;
    const changed = { host: new URL(origin).host, 'accept-encoding': 'identity' };
    const forwarded = request(origin + url, { method, headers: { ...headers, ...changed } });
    const respond = async (response: IncomingMessage): Promise<void> => {
      outgoing.writeHead(response.statusCode!, response.headers);
      const whole = await body(response);
      const part = url === slowPath ? Math.round(whole.length * PART) : whole.length;
      outgoing.write(whole.subarray(0, part));
      const end = (): void => void outgoing.end(whole.subarray(part));
      if (url === slowPath) sendRest = end;
      else end();
    };
    forwarded.on('response', response => void respond(response));
    incoming.pipe(forwarded);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    sendRest: () => sendRest(),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
