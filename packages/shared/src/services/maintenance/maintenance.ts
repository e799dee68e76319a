/**
 * The maintenance tasks and their schedules. Every task may run at any time, any number of times,
 * and in several workers at once.
 */
import type { Payload } from '../../queue/catalogue.ts';
import { deleteEndedSessions } from '../../records/access/sessions.ts';
import { deleteEndedSelections } from '../../records/gallery/selections.ts';
import { expireAll } from './expire-all.ts';
import { deleteExpired } from '../../records/files/retention.ts';
import { checkIntegrity } from './check-integrity.ts';
import { collectGarbage } from './collect-garbage.ts';
import { deleteResults } from './delete-results.ts';
import { emptyTrash } from './empty-trash.ts';
import type { ScheduledDeps } from './maintenance-deps.ts';
import { removeExpiredFiles } from './delete-expired-files.ts';

export type MaintenanceTask = Payload<'maintenance'>['task'];

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export const maintenanceEveryMs: Readonly<Record<MaintenanceTask, number>> = {
  expire_jobs: minuteMs,
  delete_expired: hourMs,
  delete_results: hourMs,
  empty_trash: hourMs,
  make_composites: minuteMs,
  collect_garbage: 24 * hourMs,
  check_integrity: 24 * hourMs,
};

/** How long an `Idempotency-Key` is remembered (a day is promised). */
const keyHours = 48;

export async function runMaintenance(deps: ScheduledDeps, task: MaintenanceTask): Promise<void> {
  const { config, db, log } = deps;
  switch (task) {
    case 'expire_jobs': {
      const jobs = await expireAll(deps);
      if (jobs > 0) log.info({ jobs }, 'jobs expired');
      return;
    }
    case 'delete_expired': {
      // Files are deleted although the records of something else cannot be.
      const files = await removeExpiredFiles(deps);
      if (files > 0) log.info({ files }, 'expired files were deleted');
      const deleted = await deleteExpired(db, { eventDays: config.keepEventsDays, keyHours });
      if (deleted.events + deleted.keys > 0) log.info(deleted, 'expired records were deleted');
      const sessions = await deleteEndedSessions(db);
      if (sessions > 0) log.info({ sessions }, 'ended sessions were deleted');
      await deleteEndedSelections(db);
      return;
    }
    case 'delete_results': {
      if (config.keepResultsDays === null) return;
      const jobs = await deleteResults(deps, config.keepResultsDays);
      if (jobs > 0) log.info({ jobs }, 'the images of old jobs were deleted');
      return;
    }
    case 'empty_trash': {
      const images = await emptyTrash(deps);
      if (images > 0) log.info({ images }, 'images were deleted from the trash');
      return;
    }
    case 'make_composites': {
      const composites = await deps.compositor.run();
      if (composites > 0) log.info({ composites }, 'composites were made');
      return;
    }
    case 'collect_garbage': {
      const objects = await collectGarbage(deps);
      if (objects > 0) log.info({ objects }, 'unneeded objects were deleted');
      return;
    }
    case 'check_integrity': {
      log.info(await checkIntegrity(deps), 'the objects of recorded images and files were checked');
    }
  }
}
