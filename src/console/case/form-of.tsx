import type { ReactNode } from 'react';
import commands from 'virtual:commands';
import FormOf, { type FormProps } from '../form/form-of';
import { inAddress, isCommand } from '../form/paths';
import type { CommandPath } from '../form/send';

type CommandOfCase = Extract<CommandPath, `/v1/cases/{caseId}/${string}`>;

// With the page, so that the service may be away when the first form is opened.
void commands['/v1/cases/{caseId}/add-note']?.().catch(() => undefined);

interface Props extends Omit<FormProps, 'to'> {
  readonly caseId: string;
  /** As the service names what may be done. */
  readonly name: string;
}

export default function FormOfCase({ caseId, name, ...rest }: Props): ReactNode {
  const path = pathOf(name);
  return path ? <FormOf to={{ path, params: { caseId } }} {...rest} /> : <p>This is done elsewhere, not in a case.</p>;
}

function pathOf(name: string): CommandOfCase | undefined {
  const path = `/v1/cases/{caseId}/${inAddress(name)}` as const;
  return isCommand(path) ? path : undefined;
}
