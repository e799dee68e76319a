import { expect, test } from 'vitest';
import { drawText, measureText } from '../../../apps/simulator/src/pictures/lettering.ts';
import { breakLines } from '../../../apps/simulator/src/pictures/line-breaks.ts';

const pen = { x: 0, baseline: 20, size: 20, colour: '#fff' };

test('every printable ASCII character is drawn without a font', () => {
  for (let code = 0x21; code < 0x7f; code++) {
    const drawn = drawText(String.fromCharCode(code), pen);
    expect(drawn, String.fromCharCode(code)).toContain('<path');
    expect(drawn).not.toContain('<text');
  }
});

test('other scripts use the machine’s fonts; wide characters are placed one by one', () => {
  expect(drawText('a灯台b', pen).match(/<text/g)).toHaveLength(2);
  expect(drawText('عربى', pen).match(/<text/g)).toHaveLength(1);
  expect(drawText('“été” — naïve', pen)).not.toContain('<text');
});

test('lines break at spaces and between kanji, and never grow too wide', () => {
  const text = 'A hand-painted poster of the old harbour 夜の港に浮かぶ赤い灯台 at dusk';
  const lines = breakLines(text, 10, 99);
  expect(lines.join(' ').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  for (const line of lines) expect(measureText(line)).toBeLessThanOrEqual(10);
});

test('what does not fit ends in an ellipsis', () => {
  expect(breakLines('one two', 40, 2)).toEqual(['one two']);
  const lines = breakLines('word '.repeat(200), 10, 2);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/…$/);
  expect(breakLines('x'.repeat(5000), 10, 3)[2]).toMatch(/x…$/);
});
