/** Some of all that comes by, each as likely as the others; all of it where there is no more. */
export class Reservoir<T> {
  readonly kept: T[] = [];
  private seen = 0;

  constructor(private readonly size: number) {}

  offer(item: T): void {
    this.seen += 1;
    const place = this.kept.length < this.size ? this.kept.length : Math.floor(Math.random() * this.seen);
    if (place < this.size) this.kept[place] = item;
  }
}
