import { appendFileSync, existsSync, readFileSync } from 'node:fs';
const { SERVICE = 'http://127.0.0.1:3000', TOKEN, FILE = 'case-facts.ndjson' } = process.env;

// One file holds the facts and how far they go. A torn line at its end is passed over: its page comes again.
const lines = existsSync(FILE) ? readFileSync(FILE, 'utf8').split('\n') : [];
let after = lines.flatMap(line => (line.endsWith('}') ? [JSON.parse(line)] : [])).findLast(({ next }) => next)?.next;
for (;;) {
  const page = `${SERVICE}/v1/feeds/case-facts?limit=500${after ? `&after=${after}` : ''}`;
  const headers = { authorization: `Bearer ${TOKEN}`, prefer: 'wait=20' };
  const answer = await fetch(page, { headers }).catch(() => undefined);
  const body = await answer?.json().catch(() => undefined);
  if (answer?.status === 200 && body) {
    const { rows, next } = body;
    if (rows.length > 0) appendFileSync(FILE, ['', ...[...rows, { next }].map(line => JSON.stringify(line)), ''].join('\n'));
    after = next;
  } else if (answer?.status === 400) {
    after = undefined; // Another store: all of it again. Each factId counts once.
  } else await new Promise(resolve => setTimeout(resolve, 1000)); // Away, or behind.
}
