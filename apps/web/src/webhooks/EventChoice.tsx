import { useState } from 'react';
import { Checkbox } from '../components/controls/Checkbox.tsx';
import { Field } from '../components/controls/Field.tsx';
import { Segmented } from '../components/controls/Segmented.tsx';
import type { EventType } from '../live/event-types.ts';
import { useTexts } from '../texts/i18n.ts';
import { eventTexts } from '../words/events/texts.ts';
import { isSameChoice } from './event-sets.ts';
import { choiceTexts } from './texts.ts';

interface EventChoiceProps<Type extends EventType> {
  label: string;
  /** All that can be chosen. */
  types: readonly Type[];
  /** Where a choice one by one begins. */
  usual: readonly Type[];
  hints: { usual: string; all: string };
  /** null: the usual ones, whichever the API means by that. */
  value: readonly Type[] | null;
  onChange: (value: readonly Type[] | null) => void;
  problem: string | undefined;
  unavailable?: string | undefined;
}

/** Which events a webhook receives: the usual ones, all, or one by one. */
export function EventChoice<Type extends EventType>(props: EventChoiceProps<Type>) {
  const { label, types, usual, hints, value, onChange, problem, unavailable } = props;
  const t = useTexts(choiceTexts);
  // A visitor who has ticked every event one by one still has the boxes.
  const [isChoosing, setIsChoosing] = useState(false);
  const which =
    value === null ? 'usual' : isChoosing || !isSameChoice(value, types) ? 'chosen' : 'all';
  return (
    <div className="flex flex-col gap-3">
      <Field
        label={label}
        hint={which === 'chosen' ? undefined : hints[which]}
        problem={problem}
        unavailable={unavailable}
      >
        <Segmented
          value={which}
          onChange={(chosen) => {
            setIsChoosing(chosen === 'chosen');
            onChange({ usual: null, all: types, chosen: usual }[chosen]);
          }}
          segments={[
            { value: 'usual', label: t.usual },
            { value: 'all', label: t.allEvents },
            { value: 'chosen', label: t.chosen },
          ]}
        />
      </Field>
      {which === 'chosen' && value !== null && unavailable === undefined && (
        <Types types={types} value={value} onChange={onChange} />
      )}
    </div>
  );
}

interface TypesProps<Type extends EventType> {
  types: readonly Type[];
  value: readonly Type[];
  onChange: (value: readonly Type[]) => void;
}

function Types<Type extends EventType>({ types, value, onChange }: TypesProps<Type>) {
  const t = useTexts(choiceTexts);
  const words = useTexts(eventTexts);
  const groups = [
    { name: t.ofJobs, types: types.filter((type) => type.startsWith('job.')) },
    { name: t.ofBatches, types: types.filter((type) => type.startsWith('batch.')) },
    { name: t.ofTheRest, types: types.filter((type) => !/^(job|batch)\./.test(type)) },
  ].filter((group) => group.types.length > 0);
  return (
    <div className="grid w-full animate-fade grid-cols-[repeat(auto-fit,minmax(12rem,1fr))] gap-5">
      {groups.map((group) => (
        <fieldset key={group.name} className="flex min-w-0 flex-col gap-2">
          <legend className="pb-2 text-small font-semibold text-muted">{group.name}</legend>
          {group.types.map((type) => (
            <Checkbox
              key={type}
              label={<span title={type}>{words[type]}</span>}
              isChecked={value.includes(type)}
              onChange={(isChecked) =>
                onChange(types.filter((each) => (each === type ? isChecked : value.includes(each))))
              }
            />
          ))}
        </fieldset>
      ))}
    </div>
  );
}
