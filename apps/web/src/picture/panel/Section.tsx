import type { ReactNode } from 'react';

/** A part of the panel, below its heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-small font-semibold text-muted">{title}</h2>
      {children}
    </section>
  );
}
