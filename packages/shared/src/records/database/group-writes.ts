/**
 * Writes of many callers in few statements. Items that arrive while a statement is under way go
 * together into the next one: under load one commit serves many callers, and without load a caller
 * does not wait. A statement that is slow, because it waits for a lock or an answer, holds up only
 * its own items: the next statement begins without it.
 *
 * Guarantee: a promise resolves after the commit of its item. One item that the database refuses
 * does not fail the others of its statement: the group is halved until that item is alone. Items
 * with the same key never share a statement.
 */
import { isDatabaseAway } from './availability.ts';

export interface GroupWrites<Item, Result> {
  /** Writes the items in one statement, all or none. Returns a result for each, in their order. */
  write: (items: readonly Item[]) => Promise<readonly Result[]>;
  keyOf: (item: Item) => string;
}

/** The most items of one statement. */
const longestGroup = 200;
/** After this time a statement counts as slow. */
const slowMs = 100;

interface Waiting<Item, Result> {
  item: Item;
  key: string;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** Returns the function that writes one item with the others of its time. */
export function groupWrites<Item, Result>({
  write,
  keyOf,
}: GroupWrites<Item, Result>): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let current: readonly Waiting<Item, Result>[] | null = null;

  /** Removes the next group from `waiting`. */
  function takeGroup(): Waiting<Item, Result>[] {
    const group = new Map<string, Waiting<Item, Result>>();
    const later: Waiting<Item, Result>[] = [];
    for (const each of waiting) {
      if (group.size < longestGroup && !group.has(each.key)) group.set(each.key, each);
      else later.push(each);
    }
    waiting = later;
    // Sorted by key, so that two processes lock rows in the same order.
    return [...group.values()].toSorted((one, other) => (one.key < other.key ? -1 : 1));
  }

  /** Begins the next statement, unless one is under way that is not slow. */
  function writeNext(): void {
    if (current !== null || waiting.length === 0) return;
    const group = takeGroup();
    const letOthersPass = (): void => {
      if (current !== group) return;
      current = null;
      writeNext();
    };
    current = group;
    const timer = setTimeout(letOthersPass, slowMs);
    void writeGroup(group).finally(() => {
      clearTimeout(timer);
      letOthersPass();
    });
  }

  /** Never throws: each item gets its result or its error. */
  async function writeGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await write(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (isDatabaseAway(error)) {
        // Items that came meanwhile would only wait as long again.
        for (const { reject } of [...group, ...waiting.splice(0)]) reject(error);
      } else if (group.length > 1) {
        const half = Math.ceil(group.length / 2);
        await writeGroup(group.slice(0, half));
        await writeGroup(group.slice(half));
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, key: keyOf(item), resolve, reject });
      writeNext();
    });
}
