/** Bits of a chunk. */
const CHUNK = 65_536;

/** Which places of the log were met: a bit for each, and memory only where there were some. */
export class SeenPlaces {
  private readonly chunks = new Map<number, Uint8Array>();

  add(place: number): void {
    const number = Math.floor(place / CHUNK);
    let chunk = this.chunks.get(number);
    if (!chunk) this.chunks.set(number, (chunk = new Uint8Array(CHUNK / 8)));
    const at = place % CHUNK;
    chunk[at >> 3] = (chunk[at >> 3] ?? 0) | (1 << (at & 7));
  }

  has(place: number): boolean {
    const at = place % CHUNK;
    return ((this.chunks.get(Math.floor(place / CHUNK))?.[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
  }

  /** Of those before `size` the first that were not met, and how many they are. */
  missing(size: number, atMost: number): { readonly first: readonly number[]; readonly count: number } {
    const first: number[] = [];
    let [met, place] = [0, 0];
    for (const [number, bits] of this.chunks)
      for (let at = 0; at < CHUNK && number * CHUNK + at < size; at++) met += ((bits[at >> 3] ?? 0) >> (at & 7)) & 1;
    const count = Math.max(size - met, 0);
    for (; first.length < Math.min(count, atMost); place++) if (!this.has(place)) first.push(place);
    return { first, count };
  }
}
