import { useQuery } from '@tanstack/react-query';
import { api, answered } from '../api/client';

/** What whoever looks at the case may do with it now. */
export const usePermissions = (caseId: string) =>
  useQuery({
    queryKey: ['allowed-commands', caseId],
    queryFn: () => answered(api.GET('/v1/cases/{caseId}/allowed-commands', { params: { path: { caseId } } })),
  });
