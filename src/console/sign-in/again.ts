/** Signs in again in a tab of its own, so that the one it is for loses nothing that was typed. */
export const AGAIN = '/sign-in-again';

const CHANNEL = 'signed-in-again';

/** Hands the token to the tabs of this origin that wait for one; it is kept nowhere. */
export function handOver(token: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(token);
  channel.close();
}

/** @returns what ends the waiting */
export function awaitToken(take: (token: string) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'string') take(data);
  });
  return () => channel.close();
}
