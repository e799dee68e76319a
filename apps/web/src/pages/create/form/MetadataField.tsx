import { useStore } from '@nanostores/react';
import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { change, draft } from '../draft/draft.ts';
import { formTexts } from './texts.ts';

const mostPairs = 16;

/** Pairs of a name and a value. */
export function MetadataField({ problem }: { problem: string | undefined }) {
  const t = useTexts(formTexts);
  const { metadata } = useStore(draft);
  const id = useId();
  const put = (index: number, pair: readonly [string, string]): void =>
    change({ metadata: metadata.with(index, pair) });
  return (
    <fieldset className="flex min-w-0 flex-col gap-2" aria-describedby={`${id}-note`}>
      <legend className="pb-2 text-small font-semibold">{t.metadata}</legend>
      {metadata.map(([name, value], index) => (
        <div key={`${id}-${index}`} className="flex gap-2">
          <TextInput
            aria-label={t.name({ count: index + 1 })}
            value={name}
            onChange={({ target }) => put(index, [target.value, value])}
          />
          <TextInput
            aria-label={t.value({ count: index + 1 })}
            value={value}
            onChange={({ target }) => put(index, [name, target.value])}
          />
          <IconButton
            icon={X}
            label={t.removePair({ count: index + 1 })}
            onClick={() => change({ metadata: metadata.toSpliced(index, 1) })}
          />
        </div>
      ))}
      <Button
        variant="plain"
        size="small"
        icon={Plus}
        unavailable={metadata.length >= mostPairs ? t.mostPairs : undefined}
        onClick={() => change({ metadata: [...metadata, ['', '']] })}
        className="self-start"
      >
        {t.addPair}
      </Button>
      <p
        id={`${id}-note`}
        className={problem === undefined ? 'text-small text-muted' : 'text-small text-bad'}
      >
        {problem ?? t.metadataHint}
      </p>
    </fieldset>
  );
}
