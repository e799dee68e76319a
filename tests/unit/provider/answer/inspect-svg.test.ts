import { describe, expect, test } from 'vitest';
import { inspectImage } from '@kiln/shared/provider/answer/inspect-image';
import { inspectSvg } from '@kiln/shared/provider/answer/inspect-svg';

const inspect = (text: string) => inspectSvg(Buffer.from(text));
const sized = (attributes: string) => inspect(`<svg ${attributes}><path d="M0 0"/></svg>`);

describe('the size of an SVG document', () => {
  test.each([
    ['width="640" height="480"', 640, 480],
    ["height='480px' width='640px'", 640, 480],
    ['viewBox="0 0 1024 1536"', 1024, 1536],
    ['viewBox="0,0,10.4,20.6" width="100%"', 10, 21],
    ['viewBox="0 0 100 50" width="800"', 800, 400],
    ['height="30" viewBox="0 0 200 100"', 60, 30],
    ['data-width="9" width="640" height="480"', 640, 480],
    ['title="a > b" width="1" height="2"', 1, 2],
    ['', 300, 150],
    ['viewBox="0 0 0 0"', 300, 150],
    ['height="99999999999" viewBox="0 0 1 1"', 1_000_000, 1_000_000],
    ['width="1e9" height="-3"', 300, 150],
  ])('%s is %i x %i', (attributes, width, height) => {
    expect(sized(attributes)).toEqual({ status: 'ok', width, height });
  });
});

describe('is found', () => {
  test.each([
    ['behind a byte order mark', '\ufeff<svg></svg>'],
    [
      'behind a declaration, comments and a document type',
      '<?xml version="1.0"?>\n<!-- a > b --><!DOCTYPE svg PUBLIC "-//W3C//DTD" "u">\n<svg></svg>',
    ],
    ['behind declared entities', '<!DOCTYPE svg [<!ENTITY a "b>">]><svg></svg>'],
    ['behind a comment of 40,000 characters', `<!--${'x'.repeat(40_000)}--><svg></svg>`],
    ['with a prefix', '<svg:svg xmlns:svg="u"><svg:g/></svg:svg>'],
    ['before a comment that contains <', '<svg></svg >\n<!-- <g> -->\n'],
  ])('%s', (_where, text) => {
    expect(inspect(text).status).toBe('ok');
  });
});

describe('is not', () => {
  test.each<[string, string, 'cut' | 'not_svg']>([
    ['complete without its end', '<svg><path d="M0', 'cut'],
    ['complete with half of its end', '<svg><g/></svg', 'cut'],
    ['complete when it is empty', '<svg width="1"/>', 'cut'],
    ['a web page', '<!DOCTYPE html><html><svg></svg></html>', 'not_svg'],
    ['another element', '<svgs></svgs>', 'not_svg'],
    ['text', 'svg', 'not_svg'],
    ['nothing', '', 'not_svg'],
    ['an open comment', '<!-- <svg></svg>', 'not_svg'],
    ['many comments without a root', '<!---->'.repeat(9_000), 'not_svg'],
  ])('%s', (_what, text, status) => {
    expect(inspect(text)).toEqual({ status });
  });
});

test('an answer with a document is inspected without drawing it', async () => {
  // A decoder would have to unfold these entities, or refuse them.
  const entity = `<!DOCTYPE svg [<!ENTITY a "${'b'.repeat(1_000)}">]>`;
  const bomb = `${entity}<svg viewBox="0 0 9 9"><text>${'&a;'.repeat(9_000)}</text></svg>`;
  expect(await inspectImage(Buffer.from(bomb))).toEqual({
    status: 'ok',
    format: 'svg',
    width: 9,
    height: 9,
  });
  expect(await inspectImage(Buffer.from('<svg><path'))).toEqual({
    status: 'unusable',
    reason: 'the svg is cut off',
  });
});
