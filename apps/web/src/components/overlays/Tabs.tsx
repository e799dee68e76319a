import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import { cx } from '../cx.ts';

export interface Tab<Value extends string> {
  value: Value;
  label: string;
  /** Beside the label, such as a count. */
  badge?: ReactNode;
  panel: ReactNode;
}

export interface TabsProps<Value extends string> {
  value: Value;
  tabs: readonly Tab<Value>[];
  onChange: (value: Value) => void;
  /** Names the list of tabs. */
  label: string;
}

/** Views of one thing; keep the chosen one in the address, so that a link shows the same. */
export function Tabs<Value extends string>({ value, tabs, onChange, label }: TabsProps<Value>) {
  return (
    <Base.Root value={value} onValueChange={(chosen) => onChange(chosen as Value)}>
      <Base.List
        aria-label={label}
        className="flex gap-5 overflow-x-auto border-b border-line [scrollbar-width:none]"
      >
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className={cx(
              '-mb-px flex h-(--control) shrink-0 items-center gap-2 border-b-2 border-transparent',
              'font-semibold text-muted transition hover:text-ink',
              'data-active:border-ember data-active:text-ink',
            )}
          >
            {tab.label}
            {tab.badge}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className="pt-5">
          {tab.panel}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
