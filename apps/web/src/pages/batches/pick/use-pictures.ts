/**
 * The pictures of a batch from its first jobs to its last, with the marks given meanwhile. Marks
 * are shown at once and sent one after another, so that two of one picture arrive in order.
 */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { readImages, type GalleryImage } from '../../../api/images.ts';
import { sendMarks, type Marks } from '../../../picture/marks/marks.ts';
import { showProblem } from '../../../undo/toasts.ts';

const pageSize = 200;
/** More than a person looks through; a larger batch is narrowed down in the gallery. */
const most = 10_000;

export interface PickPictures {
  /** Undefined while they are being read. */
  pictures: readonly GalleryImage[] | undefined;
  problem: string | null;
  mark: (picture: GalleryImage, marks: Marks) => void;
  /** Resolves when all marks have been sent. */
  settled: () => Promise<void>;
}

export function usePictures(batchId: string): PickPictures {
  const { data, error } = useQuery({
    queryKey: ['pick', batchId],
    queryFn: ({ signal }) => readAll(batchId, signal),
    // What comes meanwhile would move the others; a visit begins with what is there.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const [given, setGiven] = useState<ReadonlyMap<string, Marks>>(new Map());
  const sending = useRef(Promise.resolve());
  const pictures = useMemo(
    () => data?.map((picture) => ({ ...picture, ...given.get(picture.id) })),
    [data, given],
  );

  function mark({ id, rating, starred }: GalleryImage, marks: Marks): void {
    const lay = (more: Marks): void =>
      setGiven((now) => new Map(now).set(id, { ...now.get(id), ...more }));
    lay(marks);
    sending.current = sending.current.then(async () => {
      try {
        await sendMarks(id, marks);
      } catch (failure) {
        lay({ rating, starred });
        showProblem(failure instanceof Error ? failure.message : String(failure));
      }
    });
  }
  return {
    pictures,
    problem: error?.message ?? null,
    mark,
    settled: () => sending.current,
  };
}

/** The API lists the newest first, and a file is read from its top. */
async function readAll(batchId: string, signal: AbortSignal): Promise<GalleryImage[]> {
  const all: GalleryImage[] = [];
  while (all.length < most) {
    const newest = all[0]?.id;
    const page = await readImages(
      { batch_id: batchId },
      { limit: pageSize, newest, offset: all.length },
      signal,
    );
    all.push(...page.data);
    if (!page.has_more) break;
  }
  return all.toSorted((one, other) =>
    one.job_id === other.job_id ? one.index - other.index : one.job_id < other.job_id ? -1 : 1,
  );
}
