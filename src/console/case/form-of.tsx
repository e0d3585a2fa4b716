import type { ReactNode } from 'react';
import FormOf, { isCommand, type FormProps } from '../form/form-of';
import type { CommandPath } from '../form/send';

type CommandOfCase = Extract<CommandPath, `/v1/cases/{caseId}/${string}`>;

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
  const path = `/v1/cases/{caseId}/${name.replaceAll(/(?!^)[A-Z]/g, letter => `-${letter}`).toLowerCase()}` as const;
  return isCommand(path) ? path : undefined;
}
