import { Injectable } from '@nestjs/common';
import { Database, SILENCE_MS, type Session } from './database.js';

/*
 * A frozen leader is replaced within 15 s, also where all is slow: the server ends its session 8 s after its last heartbeat, and whoever
 * waits asks for its locks within another second. So six are left for those statements and the first round of the new leader.
 */
const HEARTBEAT_MS = 1_000;
const HEARTBEAT_TIMEOUT_MS = 5_000;
/** So long after a heartbeat was asked for its locks are surely still this process's, however long it was frozen since. */
const SURE_MS = SILENCE_MS - 1_500;

/**
 * The locks by which processes agree who does what, all on one watched session of this process.
 * A process that dies, or is cut off, loses them at once; whoever asks next has them.
 */
@Injectable()
export class Leadership {
  private session?: Promise<Session>;
  private turn: Promise<unknown> = Promise.resolve();
  private heartbeat?: NodeJS.Timeout;
  /** When the last heartbeat that was answered had been asked for: by what stands still with the machine, and by what does not. */
  private beaten = { steady: -Infinity, wall: 0 };
  private readonly held = new Set<string>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly database: Database) {}

  /** Called whenever the session is lost, and with it every lock. Returns a function that ends it. */
  onLoss(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Whether the lock is surely this process's still. One that was frozen finds out here, before it hears of its lost session. */
  holds(name: string): boolean {
    return this.held.has(name) && this.sure;
  }

  private get sure(): boolean {
    const { steady, wall } = this.beaten;
    return Math.max(performance.now() - steady, Date.now() - wall) < SURE_MS;
  }

  /** Takes the lock if no other process has it. Never waits: a waiting statement would keep vacuum from its work. */
  acquire(name: string, mode: 'exclusive' | 'shared' = 'exclusive'): Promise<boolean> {
    // One after the other: PostgreSQL counts how often a session took a lock.
    const taken = this.turn.then(() => this.take(name, mode));
    this.turn = taken.catch(() => undefined);
    return taken;
  }

  private async take(name: string, mode: 'exclusive' | 'shared'): Promise<boolean> {
    const opening = this.open();
    const session = await opening;
    if (this.held.has(name)) {
      if (!this.sure) await this.beat(session);
      if (this.held.has(name)) return true;
    }
    const suffix = mode === 'shared' ? '_shared' : '';
    const { rows } = await session.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock${suffix}(hashtextextended($1, 0)) AS locked`, [
      name,
    ]);
    const locked = rows[0]?.locked === true && this.session === opening;
    if (locked) this.held.add(name);
    return locked;
  }

  /** Gives the lock back, if it is held. Where that fails, all locks go with their session. */
  async release(name: string, mode: 'exclusive' | 'shared' = 'exclusive'): Promise<void> {
    const opening = this.session;
    if (!this.held.delete(name) || !opening) return;
    const suffix = mode === 'shared' ? '_shared' : '';
    try {
      await (await opening).query(`SELECT pg_advisory_unlock${suffix}(hashtextextended($1, 0))`, [name]);
    } catch {
      await (await opening).close();
      this.lost(opening);
    }
  }

  /** Gives every lock back. */
  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    const session = await this.session?.catch(() => undefined);
    this.session = undefined;
    this.held.clear();
    await session?.close();
  }

  private open(): Promise<Session> {
    if (this.session) return this.session;
    const opening = this.begin(() => this.lost(opening));
    this.session = opening;
    opening.then(
      session => this.watch(session, opening),
      () => {
        if (this.session === opening) this.session = undefined;
      },
    );
    return opening;
  }

  private async begin(onLoss: () => void): Promise<Session> {
    const session = await this.database.session(onLoss);
    try {
      await session.query(`SET idle_session_timeout = ${SILENCE_MS}`);
      await this.beat(session);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  private async beat(session: Session): Promise<void> {
    const asked = { steady: performance.now(), wall: Date.now() };
    await session.query('SELECT 1');
    this.beaten = asked;
  }

  /** A peer that vanished without a word is noticed by its silence. */
  private watch(session: Session, opening: Promise<Session>): void {
    clearInterval(this.heartbeat);
    this.heartbeat = setInterval(() => {
      const silence = setTimeout(() => fail(), HEARTBEAT_TIMEOUT_MS).unref();
      const fail = (): void => {
        clearTimeout(silence);
        void session.close();
        this.lost(opening);
      };
      this.beat(session).then(() => clearTimeout(silence), fail);
    }, HEARTBEAT_MS).unref();
  }

  private lost(session: Promise<Session>): void {
    if (this.session !== session) return;
    clearInterval(this.heartbeat);
    this.session = undefined;
    this.held.clear();
    for (const listener of this.listeners) listener();
  }
}
