/** Whose a refusal is: the job's, or the deployment's, from what is known when it comes. */
import {
  courseAfterRefusal,
  type RefusalEvidence,
} from '@kiln/shared/services/running/refusal-course';
import { expect, test } from 'vitest';

const first: RefusalEvidence = {
  isCertain: false,
  isOfModel: false,
  alone: 1,
  strikes: 0,
  isBlamed: false,
  othersRefused: false,
  isAnswering: false,
  othersWait: true,
  hasAlternative: false,
};

test.each<[string, Partial<RefusalEvidence>, string, boolean]>([
  ['the first refusal closes nothing while others can be tried', {}, 'rest', false],
  ['two jobs in a row: the deployment is paused', { othersRefused: true }, 'rest', true],
  [
    'two jobs, and one between them is being answered: nothing is paused',
    { othersRefused: true, isAnswering: true },
    'rest',
    false,
  ],
  [
    'no other job is there: the next one is to show whose it was',
    { othersWait: false },
    'rest',
    false,
  ],
  [
    'no other job is there, and the provider named the key: the deployment is paused',
    { othersWait: false, isCertain: true },
    'rest',
    true,
  ],
  [
    'no other job for the model is there: the model is paused',
    { othersWait: false, isOfModel: true },
    'rest',
    true,
  ],
  ['the same job a third time, alone', { othersWait: false, alone: 3 }, 'fail', false],
  [
    'the same job a third time, alone, and the provider named the key',
    { othersWait: false, alone: 3, isCertain: true },
    'rest',
    true,
  ],
  [
    'the provider named the key, but another job was answered after an earlier refusal',
    { othersWait: false, alone: 2, strikes: 1, isCertain: true },
    'fail',
    false,
  ],
  ['a third time, but others can be tried', { alone: 3 }, 'rest', false],
  ['a third time, and others were refused', { alone: 3, othersRefused: true }, 'rest', true],
  ['the refusals were found to be its own', { isBlamed: true }, 'fail', false],
  ['another deployment may take the job', { hasAlternative: true }, 'elsewhere', false],
  [
    'another deployment may take it, and this one refused two jobs',
    { hasAlternative: true, othersRefused: true },
    'elsewhere',
    true,
  ],
])('%s', (_title, changes, job, isPaused) => {
  expect(courseAfterRefusal({ ...first, ...changes })).toEqual({ job, isPaused });
});
