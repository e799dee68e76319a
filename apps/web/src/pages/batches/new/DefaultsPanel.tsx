import { answer } from '@kiln/client/client';
import type { components } from '@kiln/client/openapi';
import { useQuery } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Field } from '../../../components/controls/Field.tsx';
import { Select } from '../../../components/controls/Select.tsx';
import { Panel } from '../../../components/display/Page.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import type { Defaults } from './draft.ts';
import { newTexts } from './texts.ts';

type Model = components['schemas']['ImageModel'];

const standard = 'standard';
const usualSizes = ['1024x1024', '1536x1024', '1024x1536', '2048x2048', '3072x2048', '2048x3072'];

/** Values for rows that do not set them. */
export function DefaultsPanel(props: {
  defaults: Defaults;
  onChange: (defaults: Defaults) => void;
}) {
  const { defaults, onChange } = props;
  const t = useTexts(newTexts);
  const { data } = useQuery({
    queryKey: keys.models,
    queryFn: () => answer(client.GET('/v1/models')),
  });
  const models = data?.data.filter(({ deployments }) => deployments.length > 0) ?? [];
  const model = models.find(({ id }) => id === defaults.model) ?? models[0];
  const formats = new Set(
    model === undefined ? [] : [...model.output_formats.azure, ...model.output_formats.openai],
  );

  function choose(field: keyof Defaults, value: string): void {
    const { [field]: _old, ...rest } = defaults;
    const kept = field === 'model' ? {} : rest; // another model takes other values
    const chosen = field === 'n' ? Number(value) : value;
    onChange({ ...kept, ...(value === standard ? {} : { [field]: chosen }) });
  }
  const fields: readonly [keyof Defaults, string, readonly string[]][] = [
    ['model', t.model, models.map(({ id }) => id)],
    ['size', t.size, model === undefined ? [] : sizesOf(model)],
    ['quality', t.quality, model?.qualities ?? []],
    ['output_format', t.format, [...formats].filter((each) => !['gif', 'svg'].includes(each))],
    ['background', t.background, backgroundsOf(model)],
    ['n', t.number, ['2', '3', '4', '5', '6', '8', '10']],
  ];
  return (
    <Panel className="flex flex-col gap-4">
      <h2 className="font-semibold">{t.defaults}</h2>
      <div className="grid gap-4 tablet:grid-cols-2 min-[72rem]:grid-cols-3">
        {fields.map(([field, label, values]) => (
          <Field key={field} label={label}>
            <Select
              value={String(defaults[field] ?? standard)}
              onChange={(value) => choose(field, value)}
              options={[
                { value: standard, label: t.standard },
                ...values.map((value) => ({
                  value,
                  label: field === 'size' ? value.replace('x', ' × ') : value,
                })),
              ]}
            />
          </Field>
        ))}
      </div>
    </Panel>
  );
}

function backgroundsOf(model: Model | undefined): readonly string[] {
  return model?.transparent_background === false ? ['opaque'] : ['opaque', 'transparent'];
}

function sizesOf({ sizes }: Model): readonly string[] {
  if (sizes.kind === 'fixed') return sizes.allowed;
  return usualSizes.filter((size) => {
    const [width = 0, height = 0] = size.split('x').map(Number);
    return Math.max(width, height) <= sizes.max_edge && width * height <= sizes.max_pixels;
  });
}
