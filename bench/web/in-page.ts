/**
 * What the pages of `bench/web.ts` measure about themselves: JavaScript for the browser, as text,
 * and the types of what it returns. It runs before the page's own scripts.
 */

export interface Load {
  /** Sizes as they were sent. */
  scriptBytes: number;
  scripts: number;
  firstPaintMs: number;
  largestPaintMs: number;
  longestTaskMs: number;
}

export interface Frames {
  perSecond: number;
  p95Ms: number;
  longestMs: number;
  /** Share of the looks at the list that found a point with nothing. */
  blank: number;
}

export interface Jump {
  /** Until the row was painted with what it says. */
  rowMs: number;
  /** Until every picture in sight was there. */
  picturesMs: number;
}

/** Defines `bench` in a page. */
export const inPage = `
globalThis.bench = (() => {
  const tasks = [];
  let largestPaintMs = 0;
  new PerformanceObserver((list) => {
    largestPaintMs = list.getEntries().at(-1).startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) tasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });

  const frame = () => new Promise(requestAnimationFrame);
  const inSight = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };
  const listBox = () =>
    document.querySelector('section [style*="height"]:has(> ul)') ??
    document.querySelector('[style*="height"]:has(> ul[data-columns])') ??
    document.querySelector('[role=table] > [role=rowgroup]:last-child');
  const numberOf = (row) => row.toLocaleString('en');
  const findRow = (row) => location.pathname.startsWith('/gallery')
    ? document.querySelector('[data-place="' + (row - 1) + '"] a')
    : document.querySelector('[aria-label^="Row ' + numberOf(row) + ':"]') ??
    document.querySelector('[role=row][aria-rowindex="' + (row + 1) + '"] button');

  return {
    load() {
      const scripts = performance.getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.endsWith('.js'));
      const paint = performance.getEntriesByName('first-contentful-paint')[0];
      return {
        scriptBytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
        scripts: scripts.length,
        firstPaintMs: paint ? paint.startTime : NaN,
        largestPaintMs,
        longestTaskMs: Math.max(0, ...tasks.map(({ duration }) => duration)),
      };
    },

    startFrames() {
      const times = [];
      let looked = 0;
      let blank = 0;
      let goesOn = true;
      const points = [0.3, 0.7].map((share) => [innerWidth * 0.6, innerHeight * share]);
      const box = listBox();
      const see = (time) => {
        times.push(time);
        // Looking costs a layout, so it is done now and then.
        if (box && times.length % 6 === 0) {
          const nothing = [box, box.firstElementChild, null];
          const isEmpty = ([x, y]) => nothing.includes(document.elementFromPoint(x, y));
          looked += 1;
          // Between two lines is a gap; the second look is beside it.
          if (points.some(([x, y]) => isEmpty([x, y]) && isEmpty([x, y + 20]))) blank += 1;
        }
        if (goesOn) requestAnimationFrame(see);
      };
      requestAnimationFrame(see);
      this.endFrames = () => {
        goesOn = false;
        const gaps = times
          .slice(1)
          .map((time, index) => time - times[index])
          .toSorted((one, other) => one - other);
        return {
          perSecond: (gaps.length * 1000) / (times.at(-1) - times[0]),
          p95Ms: gaps[Math.floor(gaps.length * 0.95)],
          longestMs: gaps.at(-1),
          blank: looked === 0 ? 0 : blank / looked,
        };
      };
    },

    async jump(row, rows) {
      const box = listBox();
      const top = box.getBoundingClientRect().top + scrollY;
      const height = box.getBoundingClientRect().height;
      const startedMs = performance.now();
      scrollTo(0, top + ((row - 1) / rows) * height - innerHeight / 2);
      let found;
      do {
        await frame();
        found = findRow(row);
      } while (!found && performance.now() - startedMs < 20000);
      await frame(); // it has been painted
      const rowMs = found ? performance.now() - startedMs : NaN;
      // Places of pictures have the colour of theirs.
      const places = () => [...box.querySelectorAll('[style*="background-color"]')].filter(inSight);
      const isMissing = () => places().some((place) => !place.querySelector('img'));
      while (isMissing() && performance.now() - startedMs < 20000) await frame();
      return { rowMs, picturesMs: performance.now() - startedMs };
    },

    /** The request of a jump alone. */
    async request(path) {
      const startedMs = performance.now();
      await (await fetch(path)).json();
      return performance.now() - startedMs;
    },

    /** A loop of a fixed length, to compare machines. */
    spin() {
      const startedMs = performance.now();
      let sum = 0;
      for (let index = 0; index < 1e8; index += 1) sum = (sum + index * 7) | 0;
      return { ms: performance.now() - startedMs, sum };
    },
  };
})();`;
