import { expect, test } from 'vitest';
import { buildEditForm, type SourceFile } from '../../../packages/shared/src/provider/edit-form.ts';

const png = (content: string): SourceFile => ({
  bytes: new Blob([content]),
  contentType: 'image/png',
});
const jpeg = (content: string): SourceFile => ({
  bytes: new Blob([content]),
  contentType: 'image/jpeg',
});

async function parse(form: Blob): Promise<[string, string, string?][]> {
  const response = new Response(await form.arrayBuffer(), {
    headers: { 'content-type': form.type },
  });
  // oxlint-disable-next-line typescript/no-deprecated -- a reader that is not ours
  const entries = [...(await response.formData())];
  return Promise.all(
    entries.map(async ([name, value]): Promise<[string, string, string?]> =>
      typeof value === 'string'
        ? [name, value]
        : [name, await value.text(), `${value.name} ${value.type}`],
    ),
  );
}

test('one image is "image", several are "image[]", in their order', async () => {
  expect(await parse(buildEditForm({}, { images: [png('a')], mask: null, markup: null }))).toEqual([
    ['image', 'a', 'image-1.png image/png'],
  ]);
  expect(
    await parse(
      buildEditForm({}, { images: [png('a'), jpeg('b')], mask: png('m'), markup: png('n') }),
    ),
  ).toEqual([
    ['image[]', 'a', 'image-1.png image/png'],
    ['image[]', 'b', 'image-2.jpeg image/jpeg'],
    ['mask', 'm', 'mask.png image/png'],
    ['markup', 'n', 'markup.png image/png'],
  ]);
});

test('parameters are text, objects have brackets; unset ones are left out', async () => {
  const prompt = 'Zeile 1\r\n--kiln\r\n"ü" 小舟';
  const parameters = {
    prompt,
    n: 2,
    stream: true,
    none: null,
    gone: undefined,
    'a"b\n': { c: 1 },
    svg: { model: 'gpt-5.6-luna', reasoning: { effort: 'low', none: null } },
    tones: ['warm', 'dark'],
  };
  const found = await parse(
    buildEditForm(parameters, { images: [png('a')], mask: null, markup: null }),
  );
  expect(found.slice(0, -1)).toEqual([
    ['prompt', prompt],
    ['n', '2'],
    ['stream', 'true'],
    ['a"b\n[c]', '1'],
    ['svg[model]', 'gpt-5.6-luna'],
    ['svg[reasoning][effort]', 'low'],
    ['tones[]', 'warm'],
    ['tones[]', 'dark'],
  ]);
});

test('its size equals the bytes sent', async () => {
  const form = buildEditForm({ prompt: '小舟' }, { images: [png('a')], mask: null, markup: null });
  expect((await form.arrayBuffer()).byteLength).toBe(form.size);
});
