import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Answers the requests of a connection one after the other, and reads no more of it while some wait: whoever sends thousands and takes
 * no answer has one made, and holds no more than what was read in one go.
 */
export function answerInTurn(fastify: FastifyInstance): void {
  /** Of connections on which something is being answered, those who wait for it. */
  const waiting = new WeakMap<Socket, (() => void)[]>();

  fastify.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    reply.raw.once('close', () => next(socket));
    const others = waiting.get(socket);
    if (others) {
      others.push(done);
      socket.pause();
      return;
    }
    waiting.set(socket, []);
    // Node resumes by itself, as when it lets go of a request.
    if (socket.listenerCount('resume', pauseAgain) === 0) socket.on('resume', pauseAgain);
    done();
  });

  function next(socket: Socket): void {
    const others = waiting.get(socket);
    const begin = socket.destroyed ? undefined : others?.shift();
    if (!begin) waiting.delete(socket);
    if (others?.length === 0) socket.resume();
    begin?.();
  }

  function pauseAgain(this: Socket): void {
    if (waiting.get(this)?.length) this.pause();
  }
}
