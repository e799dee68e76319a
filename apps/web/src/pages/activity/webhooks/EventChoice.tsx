import { useState } from 'react';
import { Checkbox } from '../../../components/controls/Checkbox.tsx';
import { Field } from '../../../components/controls/Field.tsx';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { eventTypes, type EventType } from '../../../live/event-types.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { eventTexts } from '../events/texts.ts';
import { webhookTexts } from './texts.ts';

/** Types that may come every second, or that only repeat what a client has done. */
const unusual: readonly EventType[] = [
  'batch.progress',
  'batch.updated',
  'job.partial_image',
  'job.updated',
];
/** What an endpoint receives when nothing else is chosen, as in the API. */
export const usual = eventTypes.filter((type) => !unusual.includes(type));

const sets = { usual, all: eventTypes } as const;

interface EventChoiceProps {
  value: readonly EventType[];
  onChange: (value: readonly EventType[]) => void;
  problem: string | undefined;
}

/** Which events an endpoint receives: the usual ones, all, or one by one. */
export function EventChoice({ value, onChange, problem }: EventChoiceProps) {
  const t = useTexts(webhookTexts);
  const [isChoosing, setIsChoosing] = useState(() => nameOf(value) === 'chosen');
  const which = isChoosing ? 'chosen' : nameOf(value);
  const hints = { usual: t.usualHint, all: t.allHint, chosen: undefined };
  return (
    <div className="flex flex-col items-start gap-3">
      <Field label={t.receives} hint={hints[which]} problem={problem}>
        <Segmented
          value={which}
          onChange={(chosen) => {
            setIsChoosing(chosen === 'chosen');
            if (chosen !== 'chosen') onChange(sets[chosen]);
          }}
          segments={[
            { value: 'usual', label: t.usual },
            { value: 'all', label: t.allEvents },
            { value: 'chosen', label: t.chosen },
          ]}
        />
      </Field>
      {isChoosing && <Types value={value} onChange={onChange} />}
    </div>
  );
}

function nameOf(value: readonly EventType[]): 'usual' | 'all' | 'chosen' {
  const isSame = (set: readonly EventType[]): boolean =>
    set.length === value.length && set.every((type) => value.includes(type));
  if (isSame(usual)) return 'usual';
  return isSame(eventTypes) ? 'all' : 'chosen';
}

function Types({ value, onChange }: Omit<EventChoiceProps, 'problem'>) {
  const t = useTexts(webhookTexts);
  const words = useTexts(eventTexts);
  const groups = [
    { name: t.ofJobs, types: eventTypes.filter((type) => type.startsWith('job.')) },
    { name: t.ofBatches, types: eventTypes.filter((type) => type.startsWith('batch.')) },
    { name: t.ofTheRest, types: eventTypes.filter((type) => !/^(job|batch)\./.test(type)) },
  ];
  return (
    <div className="grid w-full animate-fade gap-5 tablet:grid-cols-3">
      {groups.map(({ name, types }) => (
        <fieldset key={name} className="flex min-w-0 flex-col gap-2">
          <legend className="pb-2 text-small font-semibold text-muted">{name}</legend>
          {types.map((type) => (
            <Checkbox
              key={type}
              label={<span title={type}>{words[type]}</span>}
              isChecked={value.includes(type)}
              onChange={(isChecked) =>
                onChange(
                  eventTypes.filter((each) => (each === type ? isChecked : value.includes(each))),
                )
              }
            />
          ))}
        </fieldset>
      ))}
    </div>
  );
}
