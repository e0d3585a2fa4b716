/**
 * An immutable list that grows at its end. A longer one shares its elements with the one it grew from, so that a state
 * for every event of a long stream costs no more than one for the last.
 */
export class Series<T> implements Iterable<T> {
  readonly #items: T[];
  readonly #length: number;

  private constructor(items: T[], length: number) {
    this.#items = items;
    this.#length = length;
  }

  static of<T>(items: Iterable<T>): Series<T> {
    const own = [...items];
    return new Series(own, own.length);
  }

  get length(): number {
    return this.#length;
  }

  /** With one more element, at a cost that does not depend on the length. */
  with(item: T): Series<T> {
    // Nothing may be put behind elements that are another version's already, nor behind the empty list that all share.
    const items = this.#length > 0 && this.#items.length === this.#length ? this.#items : this.toArray();
    items.push(item);
    return new Series(items, items.length);
  }

  toArray(): T[] {
    return this.#items.slice(0, this.#length);
  }

  /** The last elements, in their order. */
  last(count: number): T[] {
    return this.#items.slice(Math.max(0, this.#length - count), this.#length);
  }

  at(index: number): T | undefined {
    const place = index < 0 ? this.#length + index : index;
    return place < this.#length ? this.#items[place] : undefined;
  }

  map<U>(change: (item: T) => U): U[] {
    return this.toArray().map(item => change(item));
  }

  filter(wanted: (item: T) => boolean): T[] {
    return this.toArray().filter(item => wanted(item));
  }

  find(wanted: (item: T) => boolean): T | undefined {
    return this.toArray().find(item => wanted(item));
  }

  some(wanted: (item: T) => boolean): boolean {
    return this.find(wanted) !== undefined;
  }

  every(wanted: (item: T) => boolean): boolean {
    return !this.some(item => !wanted(item));
  }

  includes(item: T): boolean {
    return this.some(one => one === item);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.toArray()[Symbol.iterator]();
  }

  toJSON(): T[] {
    return this.toArray();
  }
}
