import { useQueryClient, type Query, type QueryCache } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore, type ReactNode } from 'react';
import { passes } from '../api/queries';
import { whyNotYet } from './states';

declare module '@tanstack/react-query' {
  interface Register {
    /** `saysItself`: where it stands, it is said when it was last known. */
    queryMeta: { readonly saysItself?: boolean };
  }
}

/** What stands on a page stays while it is asked for anew in vain; on every page it is said that it is not of now. */
export function LastKnown(): ReactNode {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((changed: () => void) => cache.subscribe(changed), [cache]);
  const error = useSyncExternalStore(subscribe, () => whyOld(cache));
  return (
    <div role="status">
      {error && (
        <p className="state last-known">
          <span className="tag tag--alert">Perhaps out of date</span> This page shows what was last known. {whyNotYet(error)}{' '}
          {passes(error) && 'It is asked again by itself.'}
        </p>
      )}
    </div>
  );
}

function whyOld(cache: QueryCache): Error | null {
  const old = cache.getAll().find(query => query.isActive() && query.meta?.saysItself !== true && isOld(query));
  return old?.state.fetchFailureReason ?? null;
}

const isOld = ({ state }: Query): boolean => state.data !== undefined && state.fetchFailureReason !== null;
