const ANYTHING = { '*/*': true } as const;
const remembered = new Map<string, string | undefined>();
const REMEMBERED = 500;

/** The media type among `produces` that an Accept header likes best; undefined where it allows none. */
export function negotiated(accept: string | undefined, produces: readonly string[]): string | undefined {
  if (accept === undefined || accept in ANYTHING || accept === produces[0]) return produces[0];
  const key = `${produces.join()} ${accept}`;
  if (!remembered.has(key)) {
    if (remembered.size >= REMEMBERED) remembered.clear();
    remembered.set(key, best(ranges(accept), produces));
  }
  return remembered.get(key);
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function ranges(accept: string): Range[] {
  return accept
    .split(',')
    .slice(0, 50)
    .flatMap(part => {
      const [type = '', ...parameters] = part.split(';').map(text => text.trim().toLowerCase());
      const quality = Number(parameters.find(parameter => parameter.startsWith('q='))?.slice(2) ?? 1);
      return type === '' || Number.isNaN(quality) ? [] : [{ type, quality }];
    });
}

function best(accepted: readonly Range[], produces: readonly string[]): string | undefined {
  if (accepted.length === 0) return produces[0];
  const liked = produces.map(type => ({ type, quality: qualityOf(type, accepted) })).filter(({ quality }) => quality > 0);
  return liked.sort((a, b) => b.quality - a.quality)[0]?.type;
}

/** The most specific range decides (RFC 9110, 12.5.1). */
function qualityOf(type: string, accepted: readonly Range[]): number {
  const [kind] = type.split('/');
  for (const range of [type, `${kind}/*`, '*/*']) {
    const found = accepted.find(({ type }) => type === range);
    if (found) return found.quality;
  }
  return 0;
}
