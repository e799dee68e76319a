import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { ListFilter } from 'lucide-react';
import { useAlbums } from '../../../albums/use-albums.ts';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Checkbox } from '../../../components/controls/Checkbox.tsx';
import { Field } from '../../../components/controls/Field.tsx';
import { SearchBox } from '../../../components/controls/SearchBox.tsx';
import { Select } from '../../../components/controls/Select.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { Popover } from '../../../components/overlays/Popover.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { kinds, ratings, type GallerySearch, type Rating } from '../../../wall/gallery-search.ts';
import { wallTexts } from './texts.ts';
import { useFilterChange } from './use-filter-change.ts';

const any = 'any';
/** Those of every model. */
const sizes = ['1024x1024', '1536x1024', '1024x1536', '2048x2048', '2048x1152', '1152x2048'];

/** What the wall can be narrowed by. Each choice is in the address at once. */
export function FilterPanel({ search }: { search: GallerySearch }) {
  const t = useTexts(wallTexts);
  return (
    <Popover trigger={<Button icon={ListFilter}>{t.filters}</Button>}>
      <div
        className="-m-1 grid max-h-[min(70dvh,32rem)] w-[21rem] max-w-full grid-cols-2 gap-3
          overflow-y-auto p-1"
      >
        <Choices search={search} />
        <Texts search={search} />
      </div>
    </Popover>
  );
}

function Choices({ search }: { search: GallerySearch }) {
  const t = useTexts(wallTexts);
  const change = useFilterChange();
  const { data: albums = [] } = useAlbums();
  const { data: models } = useQuery({
    queryKey: keys.models,
    queryFn: () => answer(client.GET('/v1/models')),
  });
  const wanted = (value: string): string | undefined => (value === any ? undefined : value);
  const ratingText = (rating: Rating): string => {
    if (rating === 'none') return t.unrated;
    const stars = rating.slice(0, 1);
    return rating.length > 1
      ? t.ratedAtLeast({ rating: stars })
      : t.ratedExactly({ rating: stars });
  };
  const { size } = search;
  return (
    <>
      <Field label={t.rating}>
        <Select
          value={search.rating ?? any}
          onChange={(value) => change({ rating: ratings.find((each) => each === value) })}
          options={[
            { value: any, label: t.anyRating },
            ...ratings.map((value) => ({ value, label: ratingText(value) })),
          ]}
        />
      </Field>
      <Field label={t.kind}>
        <Select
          value={search.kind ?? any}
          onChange={(value) => change({ kind: kinds.find((each) => each === value) })}
          options={[
            { value: any, label: t.anyKind },
            ...kinds.map((value) => ({ value, label: t[value] })),
          ]}
        />
      </Field>
      <div className="col-span-2">
        <Checkbox
          label={t.onlyStarred}
          isChecked={search.star === true}
          onChange={(isChecked) => change({ star: isChecked ? true : undefined })}
        />
      </div>
      <Field label={t.album} className="col-span-2">
        <Select
          value={search.album ?? any}
          onChange={(value) => change({ album: wanted(value) })}
          options={[
            { value: any, label: t.anyAlbum },
            { value: 'none', label: t.noAlbum },
            ...albums.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </Field>
      <Field label={t.model}>
        <Select
          value={search.model ?? any}
          onChange={(value) => change({ model: wanted(value) })}
          options={[
            { value: any, label: t.anyModel },
            ...(models?.data ?? []).map(({ id }) => ({ value: id, label: id })),
          ]}
        />
      </Field>
      <Field label={t.size}>
        <Select
          value={size ?? any}
          onChange={(value) => change({ size: wanted(value) })}
          options={[
            { value: any, label: t.anySize },
            ...[...new Set(size === undefined ? sizes : [...sizes, size])].map((value) => ({
              value,
              label: value.replace('x', ' × '),
            })),
          ]}
        />
      </Field>
    </>
  );
}

function Texts({ search }: { search: GallerySearch }) {
  const t = useTexts(wallTexts);
  const change = useFilterChange();
  return (
    <>
      {(['from', 'to'] as const).map((name) => (
        <Field key={name} label={t[name]}>
          <TextInput
            type="date"
            value={search[name] ?? ''}
            onChange={({ currentTarget: { value } }) => change({ [name]: value })}
          />
        </Field>
      ))}
      <SearchBox
        className="col-span-2"
        label={t.custom}
        q={search.custom}
        onChange={(custom) => change({ custom })}
      />
      <SearchBox
        className="col-span-2"
        label={t.meta}
        placeholder={`${t.meta}: ${t.metaHint}`}
        q={search.meta}
        onChange={(meta) => change({ meta })}
      />
    </>
  );
}
