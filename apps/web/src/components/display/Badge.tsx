import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../cx.ts';

export type Tone = 'neutral' | 'ember' | 'good' | 'warn' | 'bad';

const tones: Readonly<Record<Tone, string>> = {
  neutral: 'bg-sunken text-muted',
  ember: 'bg-ember-soft text-ember',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
};

export interface BadgeProps {
  tone?: Tone;
  icon?: LucideIcon;
  children: ReactNode;
}

/** A state in a word or two. Its colour repeats what the word says. */
export function Badge({ tone = 'neutral', icon: Icon, children }: BadgeProps) {
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1 rounded-full px-2 py-[0.125rem] text-small font-semibold',
        'whitespace-nowrap',
        tones[tone],
      )}
    >
      {Icon !== undefined && <Icon aria-hidden className="size-[0.875rem]" />}
      {children}
    </span>
  );
}
