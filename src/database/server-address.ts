import { constants } from 'node:fs';
import { access, lchown, mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { OsUser } from './server-user.js';

/** Where a server is listened to: on loopback, and at a Unix socket in that directory where it has one. */
export interface Address {
  readonly port: number;
  readonly socket?: string | undefined;
}

/** By the socket where there is one. */
export function urlAt({ port, socket }: Address, role: string, password: string, database: string): string {
  const host = socket === undefined ? '' : `?host=${encodeURIComponent(socket)}`;
  return `postgres://${role}:${password}@127.0.0.1:${port}/${database}${host}`;
}

/** What a socket's address holds, on the system where it holds least. */
const LONGEST_PATH_BYTES = 103;

const fileIn = (directory: string, port: number): string => join(directory, `.s.PGSQL.${port}`);

/**
 * Makes the place of the server's Unix socket anew, its user's alone: at a lock file that a killed one left, whose process id is another
 * program's by now, PostgreSQL would refuse to start. Undefined where an address cannot name it: then TCP is all there is.
 */
export async function makeSocketDirectory(dataDir: string, port: number, user: OsUser | undefined): Promise<string | undefined> {
  const directory = join(dataDir, 'postgres-socket');
  if (process.platform === 'win32' || Buffer.byteLength(fileIn(directory, port)) > LONGEST_PATH_BYTES) return undefined;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  // Nothing that somebody else put in its place meanwhile.
  if (user) await lchown(directory, user.uid, user.gid);
  return directory;
}

/** Whether it was the socket that kept the server from starting: a file system may have none, and its user may not reach the place. */
export const isForLackOfSocket = (failure: string): boolean => /Unix-domain socket|\.s\.PGSQL\./.test(failure);

/** A value of `unix_socket_directories` that names one. */
export const asSetting = (directory: string | undefined): string => (directory === undefined ? '' : `"${directory.replaceAll('"', '""')}"`);

/** The directory of that setting, if this process may connect there: a round trip then costs both sides less than over TCP. */
export async function reachableSocket(setting: string, port: number): Promise<string | undefined> {
  const directory = setting.replace(/^"(.*)"$/s, (_, quoted: string) => quoted.replaceAll('""', '"'));
  if (!directory.startsWith('/') || Buffer.byteLength(fileIn(directory, port)) > LONGEST_PATH_BYTES) return undefined;
  return access(fileIn(directory, port), constants.R_OK | constants.W_OK).then(
    () => directory,
    () => undefined,
  );
}

// Below the range that the system gives to outgoing connections, so that the port is still free after a crash.
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise(resolve => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
