import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Field } from '../../../components/controls/Field.tsx';
import { Select } from '../../../components/controls/Select.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { readSearch, spans, statuses, type ActivitySearch } from '../search.ts';
import { useStatusTexts } from '../StatusBadge.tsx';
import { activityTexts } from '../texts.ts';

const typingMs = 300;

/** What jobs are searched by. All of it is kept in the address. */
export function Filters() {
  const t = useTexts(activityTexts);
  const statusTexts = useStatusTexts();
  const search = useSearch({ from: '/activity' });
  const navigate = useNavigate();
  const { data: models } = useQuery({
    queryKey: keys.models,
    queryFn: () => answer(client.GET('/v1/models')),
  });
  const spanTexts = { '1h': t.lastHour, '24h': t.lastDay, '7d': t.lastWeek };

  function change(part: Readonly<Record<keyof ActivitySearch, string>> | object): void {
    void navigate({ to: '/activity', search: readSearch({ ...search, ...part }), replace: true });
  }

  return (
    <search className="grid gap-3 tablet:grid-cols-[minmax(0,1fr)_auto_auto_auto]">
      <Words value={search.q ?? ''} onChange={(q) => change({ q })} />
      <Select
        label={t.status}
        className="tablet:w-[11rem]"
        value={search.status ?? 'any'}
        onChange={(status) => change({ status })}
        options={[
          { value: 'any', label: t.anyStatus },
          ...statuses.map((value) => ({ value, label: statusTexts[value] })),
        ]}
      />
      <Select
        label={t.model}
        className="tablet:w-[11rem]"
        value={search.model ?? 'any'}
        onChange={(model) => change({ model: model === 'any' ? '' : model })}
        options={[
          { value: 'any', label: t.anyModel },
          ...(models?.data ?? []).map(({ id }) => ({ value: id, label: id })),
        ]}
      />
      <Select
        label={t.time}
        className="tablet:w-[10rem]"
        value={search.span ?? 'any'}
        onChange={(span) => change({ span })}
        options={[
          { value: 'any', label: t.anyTime },
          ...spans.map((value) => ({ value, label: spanTexts[value] })),
        ]}
      />
    </search>
  );
}

interface WordsProps {
  value: string;
  onChange: (value: string) => void;
}

/** A field that searches a moment after the last key. */
function Words({ value, onChange }: WordsProps) {
  const t = useTexts(activityTexts);
  const name = useId();
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (shown !== value) {
    // The address has changed, also by the browser's way back.
    setShown(value);
    setText(value);
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  useShortcuts(
    useMemo(
      () => [
        {
          keys: '/',
          label: t.search,
          run: () => document.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus(),
        },
      ],
      [t, name],
    ),
  );
  return (
    <Field label={t.search} isLabelHidden>
      <TextInput
        name={name}
        type="search"
        placeholder={t.searchHint}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(target.value.trim()), typingMs);
        }}
      />
    </Field>
  );
}
