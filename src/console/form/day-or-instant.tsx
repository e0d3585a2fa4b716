import type { ReactNode } from 'react';
import { faultOf, Several, type Part } from './parts';

const MINUTES = '15:00'.length;

/** A day, and a time where that is told too: in UTC, as all that is shown. */
export function DayOrInstant(part: Part): ReactNode {
  const { keyed, filling, required } = part;
  const typed = filling.typed[keyed] ?? '';
  const [day = '', time = ''] = typed.split('T');
  const say = (onDay: string, atTime: string) => filling.type(keyed, atTime === '' ? onDay : `${onDay}T${atTime.slice(0, MINUTES)}:00Z`);
  return (
    <Several part={part}>
      {describedBy => {
        const about = {
          className: 'usa-input',
          'aria-describedby': describedBy,
          'aria-invalid': faultOf(part) !== undefined,
          disabled: filling.typed[keyed] === null,
        };
        return (
          <div className="day-and-time">
            <label>
              Day
              <input
                {...about}
                type="date"
                max="9999-12-31"
                required={required}
                value={day}
                onChange={({ target }) => say(target.value, time)}
              />
            </label>
            <label>
              Time, in UTC <span className="usa-hint">(optional)</span>
              <input {...about} type="time" value={time.slice(0, MINUTES)} onChange={({ target }) => say(day, target.value)} />
            </label>
          </div>
        );
      }}
    </Several>
  );
}
