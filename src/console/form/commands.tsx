import { Suspense, useState, type ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { later } from '../shell/later';
import { Loading } from '../shell/states';
import { inWords } from '../shell/words';
import type { Choice } from './fields';
import type { FormProps } from './form-of';
import type { Receipt, Target } from './send';

const FormOf = later(() => import('./form-of'));

interface Props {
  readonly permissions: Schemas['Permissions'];
  /** Where a command goes; undefined where it has no form here. */
  readonly to: (command: string) => Target | undefined;
  readonly seen: FormProps['seen'];
  readonly known?: (command: string) => Readonly<Record<string, readonly Choice[]>>;
  /** What is said before anything is typed. */
  readonly before?: (command: string) => ReactNode;
  readonly done?: (receipt: Receipt) => void;
}

/** A button for each command that may be sent now, its form, and for the rest which rule stands in the way. */
export function Commands({ permissions, to, seen, known, before, done }: Props): ReactNode {
  const [chosen, setChosen] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const target = chosen === null ? undefined : to(chosen);
  const allowed = permissions.allowed.filter(command => to(command) !== undefined);
  const later = permissions.refused.filter(isOfStatus);
  const inTheWay = permissions.refused.filter(refused => !isOfStatus(refused));
  return (
    <>
      <p role="status" className="said">
        {said}
      </p>
      {chosen !== null && target ? (
        <Suspense fallback={<Loading what="the form" />}>
          <h3>{inWords(chosen)}</h3>
          {before?.(chosen)}
          <FormOf
            to={target}
            seen={seen}
            known={known?.(chosen) ?? {}}
            leave={() => setChosen(null)}
            done={(text, receipt) => {
              setSaid(text);
              setChosen(null);
              done?.(receipt);
            }}
          />
        </Suspense>
      ) : (
        <>
          {allowed.length === 0 && <p>Nothing, for your roles.</p>}
          <ul className="allowed">
            {allowed.map(command => (
              <li key={command}>
                <button
                  type="button"
                  className="usa-button usa-button--outline"
                  onClick={() => {
                    setSaid('');
                    setChosen(command);
                  }}
                >
                  {inWords(command)}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <Refused commands={inTheWay} />
      {later.length > 0 && (
        <details>
          <summary>What may not be done as things stand ({later.length})</summary>
          <Refused commands={later} />
        </details>
      )}
    </>
  );
}

/** That its time has not come or is over says little; a rule that stands in the way is to be seen. */
const isOfStatus = ({ codes }: Schemas['Permissions']['refused'][number]): boolean => codes.join() === 'wrong-status';

const Refused = ({ commands }: { readonly commands: Schemas['Permissions']['refused'] }): ReactNode =>
  commands.length > 0 && (
    <ul className="refused">
      {commands.map(({ command, messages }) => (
        <li key={command}>
          <strong>{inWords(command)}</strong> may not be done now: {messages.join(' ')}
        </li>
      ))}
    </ul>
  );
