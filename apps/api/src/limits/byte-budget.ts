/** Limits the bytes that requests of one kind hold in memory together. */

interface ByteReservation {
  /** Takes more bytes, or none if that exceeds the budget. */
  add(bytes: number): 'reserved' | 'full';
  /** Gives all its bytes back; to call it again does nothing. */
  release(): void;
}

interface ByteBudget {
  readonly limit: number;
  open(): ByteReservation;
}

export function createByteBudget(limit: number): ByteBudget {
  let reserved = 0;
  return {
    limit,
    open() {
      let own = 0;
      return {
        add(bytes) {
          if (reserved + bytes > limit) return 'full';
          reserved += bytes;
          own += bytes;
          return 'reserved';
        },
        release() {
          reserved -= own;
          own = 0;
        },
      };
    },
  };
}
