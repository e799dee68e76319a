/**
 * Numbers, money, times and durations in the visitor's language, all by `Intl`. Components use
 * `useFormat()`, or the ready-made components of `display/Time.tsx`.
 */
import { useStore } from '@nanostores/react';
import { computed } from 'nanostores';
import { locale } from './i18n.ts';

export interface Format {
  number(value: number): string;
  /** @param share 0 to 1 */
  percent(share: number): string;
  /** @param dollars US dollars; small amounts have as many digits as they need */
  money(dollars: number): string;
  /** A date and time, as short as it can be: today only the time. */
  time(unixSeconds: number): string;
  /** The whole date and time, with seconds. */
  fullTime(unixSeconds: number): string;
  /** `3 minutes ago`, `in 2 hours`. */
  relative(unixSeconds: number, nowSeconds: number): string;
  /** A clock up to a day, `0:40` or `1:05:09`, then days and hours. */
  duration(seconds: number): string;
  bytes(value: number): string;
  /** `a, b and c` */
  list(items: readonly string[]): string;
}

const format = computed(locale, (language) => buildFormat(tagOf(language)));

/** The language with the visitor's region, which decides on the clock and the order of a date. */
function tagOf(language: string): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}

export function useFormat(): Format {
  return useStore(format);
}

/** The same outside of a component. */
export function currentFormat(): Format {
  return format.get();
}

const day = 86_400;

function buildFormat(language: string): Format {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const dollars = moneyFormat(language, 2);
  const cents = moneyFormat(language, 4);
  const clock = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
  const dated = new Intl.DateTimeFormat(language, {
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  });
  const full = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const list = new Intl.ListFormat(language);

  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    money: (value) => (Math.abs(value) >= 1 ? dollars : cents).format(value),
    time: (unixSeconds) => {
      const date = new Date(unixSeconds * 1_000);
      return (isToday(date) ? clock : dated).format(date);
    },
    fullTime: (unixSeconds) => full.format(unixSeconds * 1_000),
    relative: (unixSeconds, nowSeconds) => {
      const [value, unit] = inLargestUnit(unixSeconds - nowSeconds);
      return relative.format(value, unit);
    },
    duration: (seconds) => formatDuration(language, Math.max(0, Math.round(seconds))),
    bytes: (value) => formatBytes(language, value),
    list: (items) => list.format(items),
  };
}

function moneyFormat(language: string, maximumFractionDigits: number): Intl.NumberFormat {
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits,
  });
}

function isToday(date: Date): boolean {
  return date.toDateString() === new Date().toDateString();
}

function inLargestUnit(seconds: number): [number, Intl.RelativeTimeFormatUnit] {
  const size = Math.abs(seconds);
  if (size < 45) return [Math.trunc(seconds), 'second'];
  if (size < 45 * 60) return [Math.round(seconds / 60), 'minute'];
  if (size < 22 * 3_600) return [Math.round(seconds / 3_600), 'hour'];
  return [Math.round(seconds / day), 'day'];
}

/** Written by hand up to a day: `Intl.DurationFormat` is missing in browsers of 2024. */
function formatDuration(language: string, seconds: number): string {
  const hours = Math.floor(seconds / 3_600);
  if (seconds < day) {
    const two = (value: number): string => String(value).padStart(2, '0');
    const minutes = Math.floor(seconds / 60) % 60;
    const rest = two(seconds % 60);
    return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
  }
  const unit = (value: number, name: 'day' | 'hour'): string =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'long' }).format(
      value,
    );
  const rest = hours % 24;
  return `${unit(Math.floor(hours / 24), 'day')}${rest === 0 ? '' : ` ${unit(rest, 'hour')}`}`;
}

function formatBytes(language: string, value: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const power = Math.min(4, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: power < 2 ? 0 : 1,
  }).format(value / 1_000 ** power);
}
