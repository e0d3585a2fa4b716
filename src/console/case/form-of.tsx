import type { ComponentProps, ReactNode } from 'react';
import commands from 'virtual:commands';
import { CommandForm } from '../form/command-form';

/** Loaded when the first form is opened: the schemas of all commands come with it. */
export default function FormOf({
  name,
  ...rest
}: { readonly name: string } & Omit<ComponentProps<typeof CommandForm>, 'command'>): ReactNode {
  const command = commands[name];
  return command ? <CommandForm key={name} command={command} {...rest} /> : <p>This is done elsewhere, not in a case.</p>;
}
