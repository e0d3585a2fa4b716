import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import FormOf from '../form/form-of';
import type { Receipt } from '../form/send';
import { Heading } from '../shell/heading';

/** A case is opened, and whoever may be the same person is said before anything else is done. */
export default function NewPage(): ReactNode {
  const [, go] = useLocation();
  return (
    <>
      <Heading>Open a case</Heading>
      <p>For one person and one encounter. Write what you know; what is not known can be told or corrected later.</p>
      <FormOf
        to={{ path: '/v1/cases', params: {} }}
        seen={null}
        known={{}}
        leave={() => go('/cases')}
        done={(_, receipt) => go(...shownAfter(receipt))}
      />
    </>
  );
}

/** The new case, and how many may be the same person. */
const shownAfter = (receipt: Receipt): [path: string, how: { replace: boolean; state?: { alike: number } }] =>
  'possibleDuplicates' in receipt
    ? [`/cases/${receipt.caseId}`, { replace: true, state: { alike: receipt.possibleDuplicates.length } }]
    : ['/cases', { replace: true }];
