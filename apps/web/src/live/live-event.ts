/** An event of the API as the stream sends it, and how the stream is. */
import type { EventType } from './event-types.ts';

export interface LiveEvent {
  id: string;
  type: EventType;
  created_at: number;
  data: { id: string } & Readonly<Record<string, unknown>>;
}

export type LiveStatus = 'connecting' | 'live' | 'reconnecting';
