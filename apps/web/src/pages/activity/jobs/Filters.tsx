import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { SearchBox } from '../../../components/controls/SearchBox.tsx';
import { Select } from '../../../components/controls/Select.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { statusTexts } from '../../../words/texts.ts';
import { readSearch, spans, statuses, type ActivitySearch } from '../search.ts';
import { activityTexts } from '../texts.ts';

/** What jobs are searched by. All of it is kept in the address. */
export function Filters() {
  const t = useTexts(activityTexts);
  const states = useTexts(statusTexts);
  const search = useSearch({ from: '/activity' });
  const navigate = useNavigate();
  const { code, custom, meta } = search;
  const hasMore = code !== undefined || custom !== undefined || meta !== undefined;
  const [isOpen, setIsOpen] = useState(hasMore);
  const { data: models } = useQuery({
    queryKey: keys.models,
    queryFn: () => answer(client.GET('/v1/models')),
  });
  const spanTexts = { '1h': t.lastHour, '24h': t.lastDay, '7d': t.lastWeek };

  function change(part: Readonly<Record<keyof ActivitySearch, string>> | object): void {
    void navigate({ to: '/activity', search: readSearch({ ...search, ...part }), replace: true });
  }

  return (
    <search className="flex flex-col gap-3">
      <div
        className="grid grid-cols-2 items-center gap-3
          tablet:grid-cols-[repeat(3,minmax(0,1fr))_auto]
          min-[76rem]:grid-cols-[minmax(0,1fr)_repeat(3,minmax(7rem,10rem))_auto]"
      >
        <SearchBox
          className="col-span-full min-[76rem]:col-span-1"
          keys="/"
          label={t.search}
          placeholder={t.searchHint}
          q={search.q}
          onChange={(q) => change({ q })}
        />
        <Select
          label={t.status}
          value={search.status ?? 'any'}
          onChange={(status) => change({ status })}
          options={[
            { value: 'any', label: t.anyStatus },
            ...statuses.map((value) => ({ value, label: states[value] })),
          ]}
        />
        <Select
          label={t.model}
          value={search.model ?? 'any'}
          onChange={(model) => change({ model: model === 'any' ? '' : model })}
          options={[
            { value: 'any', label: t.anyModel },
            ...(models?.data ?? []).map(({ id }) => ({ value: id, label: id })),
          ]}
        />
        <Select
          label={t.time}
          value={search.span ?? 'any'}
          onChange={(span) => change({ span })}
          options={[
            { value: 'any', label: t.anyTime },
            ...spans.map((value) => ({ value, label: spanTexts[value] })),
          ]}
        />
        <IconButton
          icon={SlidersHorizontal}
          label={t.moreFilters}
          aria-expanded={isOpen}
          isPressed={hasMore}
          onClick={() => setIsOpen(!isOpen)}
        />
      </div>
      {isOpen && (
        <div className="grid animate-fade gap-3 tablet:grid-cols-3">
          <SearchBox
            label={t.errorCode}
            placeholder={t.errorCodeHint}
            q={search.code}
            onChange={(code) => change({ code })}
          />
          <SearchBox
            label={t.customId}
            q={search.custom}
            onChange={(custom) => change({ custom })}
          />
          <SearchBox
            label={t.metadata}
            placeholder={t.metadataHint}
            q={search.meta}
            onChange={(meta) => change({ meta })}
          />
        </div>
      )}
    </search>
  );
}
