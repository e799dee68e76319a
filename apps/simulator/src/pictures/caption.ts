/** The label in a picture's corner: the prompt, and below it the request's facts. */
import { drawText, measureText, type Pen } from './lettering.ts';
import { breakLines } from './line-breaks.ts';
import type { Palette } from './palette.ts';
import { round } from './rounding.ts';

export interface Caption {
  prompt: string;
  /** Short facts, in one line below the prompt. */
  facts: readonly string[];
  width: number;
  height: number;
  /** Centres the label at the bottom edge instead of placing it at the left. */
  centred: boolean;
  palette: Palette;
}

const maxLines = 3;

export function drawCaption({ prompt, facts, width, height, centred, palette }: Caption): string {
  const unit = Math.min(width, height);
  const size = Math.max(9, unit * 0.034);
  const factSize = size * 0.72;
  const margin = unit * 0.032;
  const padding = size * 0.8;
  const bar = size * 0.22;
  const widest = Math.min(width - 2 * margin, unit * 1.5) - 2 * padding - bar;

  const lines = breakLines(prompt, widest / size, maxLines).filter((line) => line !== '');
  const [factLine = ''] = breakLines(facts.join('  ·  '), widest / factSize, 1);
  const needed = Math.max(
    ...lines.map((line) => measureText(line) * size),
    measureText(factLine) * factSize,
  );
  const panelWidth = needed + 2 * padding + bar;
  const panelHeight = 2 * padding + lines.length * size * 1.36 + factSize * 0.9;
  const left = centred ? (width - panelWidth) / 2 : margin;
  const top = height - margin - panelHeight;

  const pen: Pen = { x: left + bar + padding, baseline: 0, size, colour: '#ffffff' };
  const texts = lines.map((line, index) =>
    drawText(line, { ...pen, baseline: top + padding + size * (0.74 + 1.36 * index) }),
  );
  texts.push(
    drawText(factLine, {
      ...pen,
      size: factSize,
      baseline: top + panelHeight - padding,
      colour: palette.light,
    }),
  );
  const box = `y="${round(top)}" height="${round(panelHeight)}"`;
  return (
    `<clipPath id="panel"><rect x="${round(left)}" ${box}` +
    ` width="${round(panelWidth)}" rx="${round(size * 0.45)}"/></clipPath>` +
    `<g clip-path="url(#panel)"><rect x="${round(left)}" ${box}` +
    ` width="${round(panelWidth)}" fill="${palette.ink}" opacity=".93"/>` +
    `<rect x="${round(left)}" ${box} width="${round(bar)}" ` +
    `fill="${palette.accent}"/></g>${texts.join('')}`
  );
}
