import { isUtf8 } from 'node:buffer';

/** Keys met so far in an object: none, one, or more; null in a list. */
type Keys = Set<string> | string | undefined | null;

/** @throws SyntaxError where the bytes are no JSON in UTF-8, or an object has a key twice: readers differ in which of the two counts */
export function parsedJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8');
  const text = bytes.toString('utf8');
  const value: unknown = JSON.parse(text);
  if (repeatsKey(text)) throw new SyntaxError('a key twice');
  return value;
}

/** @param text valid JSON */
function repeatsKey(text: string): boolean {
  const open: Keys[] = [];
  let keyIsNext = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
        open.push(undefined);
        keyIsNext = true;
        break;
      case '[':
        open.push(null);
        keyIsNext = false;
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        keyIsNext = open.at(-1) !== null;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (keyIsNext && !isNew(text.slice(at, end + 1), open)) return true;
        keyIsNext = false;
        at = end;
      }
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text[first - 1] === '\\') first -= 1;
  return (quote - first) % 2 === 1;
}

/** A set is made for the second key only: a body may be a thousand objects deep. */
function isNew(quoted: string, open: Keys[]): boolean {
  const key = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  const known = open.at(-1);
  if (known instanceof Set) return !known.has(key) && Boolean(known.add(key));
  open[open.length - 1] = typeof known === 'string' ? new Set([known, key]) : key;
  return known !== key;
}
