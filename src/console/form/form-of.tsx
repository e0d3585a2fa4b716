import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import commands from 'virtual:commands';
import { Failed, Loading } from '../shell/states';
import { CommandForm, type Props } from './command-form';

export type FormProps = Omit<Props, 'command'>;

/** The form of any command: the schemas of its kind of stream are loaded when the first is opened. */
export default function FormOf(props: FormProps): ReactNode {
  const { path } = props.to;
  const kind = useQuery({ queryKey: ['commands', path], queryFn: commands[path], staleTime: Infinity });
  if (kind.isPending) return <Loading what="the form" error={kind.failureReason} />;
  const command = kind.data?.[path];
  return command ? (
    <CommandForm key={path} command={command} {...props} />
  ) : (
    <Failed error={kind.error ?? new Error('There is no such form.')} again={() => void kind.refetch()} />
  );
}
