// A registry in memory on loopback, which prints its port. It writes what is published, and by whom, to the file of its first argument.
// It refuses packages that the file of its second argument names.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [, , journal, refusals] = process.argv;
const packages = new Map();

const server = createServer(async (request, response) => {
  const name = decodeURIComponent(request.url.slice(1));
  const reply = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (name.startsWith('-/ping')) return reply(200, {});
  if (request.method === 'GET') {
    const found = packages.get(name);
    return reply(found === undefined ? 404 : 200, found ?? { error: 'not found' });
  }
  let text = '';
  for await (const part of request) text += part;
  if (existsSync(refusals) && readFileSync(refusals, 'utf8').split('\n').includes(name))
    return reply(403, { error: 'refused' });
  packages.set(name, JSON.parse(text));
  appendFileSync(journal, `${name} ${request.headers.authorization}\n`);
  return reply(201, { ok: true });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
