/** The pages of the navigation, in its order. */
import { Activity, Images, Layers, ListOrdered, Sparkles, type LucideIcon } from 'lucide-react';

export interface Destination {
  /** Also the name of its text in `frameTexts`. */
  name: 'create' | 'batches' | 'gallery' | 'queue' | 'activity';
  to: '/' | '/batches' | '/gallery' | '/queue' | '/activity';
  icon: LucideIcon;
  keys: string;
}

export const destinations: readonly Destination[] = [
  { name: 'create', to: '/', icon: Sparkles, keys: 'g c' },
  { name: 'batches', to: '/batches', icon: Layers, keys: 'g b' },
  { name: 'gallery', to: '/gallery', icon: Images, keys: 'g g' },
  { name: 'queue', to: '/queue', icon: ListOrdered, keys: 'g q' },
  { name: 'activity', to: '/activity', icon: Activity, keys: 'g a' },
];
