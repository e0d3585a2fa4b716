import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { countryName, inWords, inText } from '../shell/words';
import { leavesOf } from './leaves';

type ShownEvent = Schemas['ShownEvent'];

/** One event: who, under which rules, relying on what, and what it says. */
export function Event({ event }: { readonly event: ShownEvent }): ReactNode {
  const { actor, ruleSet, basedOn = {}, causationId, keyId } = event.metadata;
  const relied = Object.entries(basedOn);
  const said = [...leavesOf({ ...event.data, ...event.personal })];
  return (
    <section aria-labelledby="event">
      <h2 id="event">{inWords(event.type)}</h2>
      <dl className="facts">
        <Fact name="By">
          {actor.id} ({[...actor.roles.map(role => inText(role)), actor.office].filter(Boolean).join(', ')})
        </Fact>
        <Fact name="Rule set">{ruleSet ? `${countryName(ruleSet.country)}, version ${ruleSet.version}` : 'none'}</Fact>
        <Fact name="Relied on">
          {relied.length === 0
            ? 'this case alone'
            : relied.map(([stream, revision]) => `${streamName(stream)} at revision ${revision}`).join(', ')}
        </Fact>
        <Fact name="Caused by">{causationId}</Fact>
      </dl>
      {keyId !== undefined && event.personal === null && (
        <p className="state">What is personal in this event was erased: its key was destroyed.</p>
      )}
      {said.length > 0 && (
        <dl className="facts">
          {said.map(([path, value]) => (
            <Fact key={path} name={path}>
              {value}
            </Fact>
          ))}
        </dl>
      )}
    </section>
  );
}

/** `agreement-GT`: agreement of Guatemala. */
function streamName(stream: string): string {
  const [kind = '', ...id] = stream.split('-');
  const of = id.join('-');
  return of.length === 2 ? `${kind} of ${countryName(of)}` : `${kind} ${of}`;
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode => (
  <div>
    <dt>{name}</dt>
    <dd dir="auto">{children}</dd>
  </div>
);
