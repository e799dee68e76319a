/** The jobs that wait for a start: their order, and which of them give up their slots. */
import { lightestStart } from '@kiln/shared/domain/quota';
import { createWaitingJobs } from '@kiln/shared/services/running/gate/waiting-jobs';
import { expect, test } from 'vitest';

const [next, interactive, bulk] = [-9, 0, 1];

function openWaiting() {
  const waiting = createWaitingJobs<string>();
  const gaveSlot: number[] = [];
  let ticket = 0;
  return {
    waiting,
    gaveSlot,
    add(priority: number): number {
      const own = (ticket += 1);
      waiting.add({
        ...Promise.withResolvers<string>(),
        priority,
        ticket: own,
        weight: lightestStart,
        giveSlot: () => gaveSlot.push(own),
      });
      return own;
    },
    takeTickets: () => waiting.takeAll().map(({ ticket: each }) => each),
  };
}

test('interactive jobs start before bulk jobs, and each kind in the order of its tickets', () => {
  const { add, takeTickets } = openWaiting();
  const added = [add(bulk), add(interactive), add(bulk), add(interactive)];
  expect(takeTickets()).toEqual([added[1], added[3], added[0], added[2]]);
});

test('jobs that were asked to run next start before all, the last one asked for first', () => {
  const { waiting, add, gaveSlot, takeTickets } = openWaiting();
  const added = [add(bulk), add(interactive), add(next), add(next - 1), add(interactive)];
  waiting.freeSlots(5);
  expect(gaveSlot).toEqual([added[0]]);
  expect(takeTickets()).toEqual([added[3], added[2], added[1], added[4], added[0]]);
});

test('the bulk job that starts next gives its slot up, and keeps its place', () => {
  const { waiting, add, gaveSlot, takeTickets } = openWaiting();
  const [first, second] = [add(bulk), add(bulk)];
  waiting.freeSlots(1);
  expect(gaveSlot).toEqual([first]);
  const urgent = add(interactive);
  expect(gaveSlot).toEqual([first]);
  expect(takeTickets()).toEqual([urgent, first, second]);
});

test('interactive jobs keep their slots', () => {
  const { waiting, add, gaveSlot } = openWaiting();
  add(interactive);
  add(interactive);
  waiting.freeSlots(2);
  expect(gaveSlot).toEqual([]);
});

test('a bulk job that comes later gives its slot up while one is wanted', () => {
  const { waiting, add, gaveSlot } = openWaiting();
  waiting.freeSlots(1);
  const first = add(bulk);
  add(bulk);
  expect(gaveSlot).toEqual([first]);
});

test('no slot is given up for an interactive job that has one already', () => {
  const { waiting, add, gaveSlot } = openWaiting();
  waiting.freeSlots(1);
  add(interactive);
  add(bulk);
  expect(gaveSlot).toEqual([]);
});

test('however many interactive jobs come, about half of the waiting jobs keep their slots', () => {
  const { waiting, add, gaveSlot } = openWaiting();
  for (let job = 0; job < 10; job += 1) add(bulk);
  for (let look = 0; look < 20; look += 1) waiting.freeSlots(100);
  expect(gaveSlot).toHaveLength(5);
});
