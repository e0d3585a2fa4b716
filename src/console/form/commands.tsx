import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { inWords } from '../shell/words';
import type { Choice } from './faults';
import { FormOrChoices, type Opened } from './form-or-choices';
import type { Receipt } from './send';

export interface Chosen {
  readonly command: string;
  /** Of this form, and of what it makes. */
  readonly id: string;
  /** What the command is about, where that was chosen with it. */
  readonly about?: Choice;
}

export const choiceOf = (command: string, about?: Choice): Chosen => ({ command, id: crypto.randomUUID(), ...(about && { about }) });

interface Props {
  /** Null while it is not known what may be done. */
  readonly permissions: Schemas['Permissions'] | null;
  readonly chosen: Chosen | null;
  readonly choose: (chosen: Chosen | null) => void;
  /** The form of a command; undefined where it has none here. */
  readonly opens: (chosen: Chosen) => Omit<Opened, 'id' | 'title'> | undefined;
  readonly titles?: Readonly<Record<string, string>>;
  /** What belongs together, under its heading. */
  readonly groups?: (commands: readonly string[]) => readonly (readonly [heading: string, commands: readonly string[]])[];
  readonly done?: (receipt: Receipt) => void;
}

/** A button for each command that may be sent now, its form, and for the rest which rule stands in the way. */
export function Commands({ permissions, chosen, choose, opens, titles = {}, groups, done }: Props): ReactNode {
  const form = chosen && opens(chosen);
  const titleOf = (command: string): string => titles[command] ?? inWords(command);
  const allowed = permissions?.allowed.filter(command => opens(choiceOf(command)) !== undefined) ?? [];
  const later = permissions?.refused.filter(isOfStatus) ?? [];
  const inTheWay = permissions?.refused.filter(refused => !isOfStatus(refused)) ?? [];
  const end = (receipt?: Receipt) => {
    choose(null);
    if (receipt) done?.(receipt);
  };
  return (
    <>
      <FormOrChoices label="What may be done" opened={form ? { ...form, id: chosen.id, title: titleOf(chosen.command) } : null} end={end}>
        {permissions && allowed.length === 0 && <p>Nothing, for your roles.</p>}
        {(groups?.(allowed) ?? [['', allowed] as const]).map(([heading, commands]) => (
          <Group key={heading} heading={heading} commands={commands} titleOf={titleOf} choose={command => choose(choiceOf(command))} />
        ))}
      </FormOrChoices>
      <Refused commands={inTheWay} titleOf={titleOf} />
      {later.length > 0 && (
        <details>
          <summary>What may not be done as things stand ({later.length})</summary>
          <Refused commands={later} titleOf={titleOf} />
        </details>
      )}
    </>
  );
}

type TitleOf = (command: string) => string;

interface GroupProps {
  readonly heading: string;
  readonly commands: readonly string[];
  readonly titleOf: TitleOf;
  readonly choose: (command: string) => void;
}

const Group = ({ heading, commands, titleOf, choose }: GroupProps): ReactNode =>
  commands.length > 0 && (
    <>
      {heading !== '' && <h3 className="group">{heading}</h3>}
      <ul className="allowed">
        {commands.map(command => (
          <li key={command}>
            <button type="button" className="usa-button usa-button--outline" onClick={() => choose(command)}>
              {titleOf(command)}
            </button>
          </li>
        ))}
      </ul>
    </>
  );

/** That its time has not come or is over says little; a rule that stands in the way is to be seen. */
const isOfStatus = ({ codes }: Schemas['Permissions']['refused'][number]): boolean => codes.join() === 'wrong-status';

interface RefusedProps {
  readonly commands: Schemas['Permissions']['refused'];
  readonly titleOf: TitleOf;
}

const Refused = ({ commands, titleOf }: RefusedProps): ReactNode =>
  commands.length > 0 && (
    <ul className="refused">
      {commands.map(({ command, messages }) => (
        <li key={command}>
          <strong>{titleOf(command)}</strong> may not be done now: {messages.join(' ')}
        </li>
      ))}
    </ul>
  );
