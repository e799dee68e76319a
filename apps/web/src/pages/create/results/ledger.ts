/** What a job came to, in words. */
import type { Format } from '../../../texts/format.ts';
import type { Job } from '../draft/types.ts';
import type { resultTexts } from './texts.ts';

type Texts = ReturnType<typeof resultTexts.get>;

/** `one call, $0.053` */
export function summarise({ attempts, cost }: Job, t: Texts, format: Format): string {
  if (attempts.made === 0) return t.noCall;
  const amount = format.money(cost.actual ?? 0);
  return attempts.made === 1 ? t.oneCall({ amount }) : t.calls({ count: attempts.made, amount });
}

/** Whether anything was paid for a job that has no picture. */
export function paidSentence({ cost }: Job, t: Texts, format: Format): string {
  const sentences: string[] = [];
  if ((cost.actual ?? 0) > 0) sentences.push(t.paid({ amount: format.money(cost.actual ?? 0) }));
  if (cost.at_risk > 0) sentences.push(t.atRisk({ amount: format.money(cost.at_risk) }));
  return sentences.length === 0 ? t.paidNothing : sentences.join(' ');
}

/** Where the result is not what was asked for. Empty: all is as wished. */
export function differences({ request, images, status, chosen }: Job, t: Texts): string[] {
  const [first] = images;
  if (status !== 'succeeded' || first === undefined) return [];
  const found: string[] = [];
  const { size = 'auto', output_format: format, n = 1 } = request;
  const got = `${first.width}x${first.height}`;
  const isDrawn = first.format === 'svg';
  if (size !== 'auto' && size !== got && !isDrawn) found.push(t.gotInstead({ got, asked: size }));
  if (format !== undefined && format !== first.format)
    found.push(t.gotInstead({ got: first.format, asked: format }));
  for (const name of ['quality', 'background'] as const) {
    const [asked = 'auto', made = asked] = [request[name], chosen?.[name]];
    if (asked !== 'auto' && made !== asked) found.push(t.gotInstead({ got: made, asked }));
  }
  if (images.length !== n) found.push(t.fewer({ got: images.length, asked: n }));
  return found;
}
