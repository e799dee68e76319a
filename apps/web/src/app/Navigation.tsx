import { Link } from '@tanstack/react-router';
import { Keyboard, Search } from 'lucide-react';
import { cx } from '../components/cx.ts';
import { IconButton } from '../components/controls/IconButton.tsx';
import { useTexts } from '../texts/i18n.ts';
import { ConnectionLine } from './ConnectionLine.tsx';
import { destinations } from './destinations.ts';
import { Settings } from './Settings.tsx';
import { frameTexts } from './texts.ts';

interface NavigationProps {
  onPalette: () => void;
  onKeys: () => void;
}

export function Navigation({ onPalette, onKeys }: NavigationProps) {
  const t = useTexts(frameTexts);
  return (
    <header
      className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-ground/95 backdrop-blur
        desktop:inset-y-0 desktop:right-auto desktop:flex desktop:w-(--navigation) desktop:flex-col
        desktop:border-t-0 desktop:border-r desktop:bg-transparent desktop:px-3 desktop:py-5
        desktop:backdrop-blur-none"
    >
      <Link
        to="/"
        className="hidden items-center gap-2 px-3 pb-5 text-lead font-bold tracking-tight desktop:flex"
      >
        <KilnMark />
        Kiln
      </Link>
      <div className="flex h-(--tab-bar) items-stretch desktop:h-auto desktop:flex-col">
        <nav aria-label={t.navigation} className="grow">
          <ul className="flex h-full desktop:flex-col desktop:gap-1">
            {destinations.map(({ name, to, icon: Icon }) => (
              <li key={name} className="flex grow">
                <Link
                  to={to}
                  activeOptions={{ exact: to === '/' }}
                  className={cx(
                    'flex grow flex-col items-center justify-center gap-1 text-small font-semibold',
                    'text-muted transition hover:text-ink aria-[current=page]:text-ember',
                    'desktop:h-(--control) desktop:flex-row desktop:justify-start desktop:gap-3',
                    'desktop:rounded-medium desktop:px-3 desktop:text-base desktop:hover:bg-sunken',
                    'desktop:aria-[current=page]:bg-ember-soft',
                  )}
                >
                  <Icon aria-hidden className="size-[1.25rem]" strokeWidth={1.8} />
                  {t[name]}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="flex items-center px-1 desktop:hidden">
          <Settings />
        </div>
      </div>
      <div className="mt-auto hidden flex-col gap-3 desktop:flex">
        <ConnectionLine />
        <div className="flex items-center">
          <Settings />
          <IconButton icon={Search} label={t.palette} keys="mod+k" onClick={onPalette} />
          <IconButton icon={Keyboard} label={t.keyList} keys="?" onClick={onKeys} />
        </div>
      </div>
    </header>
  );
}

/** The arch of a kiln, with its fire. */
function KilnMark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className="size-[1.5rem]">
      <path
        className="fill-ember"
        d="M4 30V14.5C4 7.6 9.4 2 16 2s12 5.6 12 12.5V30h-7v-8.2c0-2.9-2.2-5.3-5-5.3s-5 2.4-5 5.3V30Z"
      />
      <path className="fill-ember/50" d="M13.4 30v-6.2c0-1.6 1.2-2.9 2.6-2.9s2.6 1.3 2.6 2.9V30Z" />
    </svg>
  );
}
