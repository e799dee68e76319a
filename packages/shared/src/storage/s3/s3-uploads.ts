/**
 * Writing to S3 so that a key is written once, whether the server knows conditional writes or not:
 * that is found out by writing a probe twice.
 */
import * as sdk from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3Settings } from '../../config/storage.ts';
import type { PartialUpload, Upload } from '../put-in-parts.ts';
import { isS3Error, type S3Requests } from './s3-requests.ts';
import type { StorePatience } from '../store-requests.ts';

type Where = { Bucket: string; Key: string };

export interface S3Uploads {
  to(where: Where, contentType: string): Upload;
  isConditional(): Promise<boolean>;
  createBucket(): Promise<void>;
}

/** Another write of the key is under way, and nobody knows yet which of the two it will be. */
const conflictTries = 5;
const conflictPauseMs = 50;
/** The most that one copy takes, and how long it is waited for. */
const longestCopyBytes = 5 * 1024 ** 3;
const longestCopyMs = 60_000;

export function createS3Uploads(
  settings: S3Settings,
  { client, send }: S3Requests,
  { completeMs }: StorePatience,
  exists: (where: Where) => Promise<boolean>,
): S3Uploads {
  const encryption = encryptionOf(settings);
  const inTurn = createTurns();
  let probe: Promise<boolean> | null = null;

  async function findOut(): Promise<boolean> {
    const where = { Bucket: settings.bucket, Key: `${settings.prefix}.probe-${randomUUID()}` };
    const write = (condition: object) =>
      send((options) =>
        client.send(
          new sdk.PutObjectCommand({ ...where, ...encryption, ...condition, Body: 'probe' }),
          options,
        ),
      );
    await write({});
    try {
      await write({ IfNoneMatch: '*' });
      return false;
    } catch (error) {
      if (isS3Error(error, 'PreconditionFailed')) return true;
      if (isS3Error(error, 'NotImplemented', 'InvalidArgument', 'InvalidRequest')) return false;
      throw error;
    } finally {
      await send((options) => client.send(new sdk.DeleteObjectCommand(where), options));
    }
  }

  function isConditional(): Promise<boolean> {
    probe ??= findOut().catch((error: unknown) => {
      probe = null; // to be asked again: the store was away
      throw error;
    });
    return probe;
  }

  /** Writes unless the key is there: then what is there stays, and that is no error. */
  async function writeOnce(
    where: Where,
    write: (condition: { IfNoneMatch?: '*' }) => Promise<unknown>,
  ): Promise<void> {
    if (!(await isConditional())) {
      return inTurn(where.Key, async () => {
        if (!(await exists(where))) await write({});
      });
    }
    for (let tries = 1; ; tries += 1) {
      try {
        await write({ IfNoneMatch: '*' });
        return;
      } catch (error) {
        if (isS3Error(error, 'PreconditionFailed')) return;
        if (!isS3Error(error, 'ConditionalRequestConflict') || tries === conflictTries) throw error;
        await delay(conflictPauseMs * tries);
      }
    }
  }

  async function begin(where: Where, contentType: string): Promise<PartialUpload> {
    const command = new sdk.CreateMultipartUploadCommand({
      ...where,
      ...encryption,
      ContentType: contentType,
    });
    const { UploadId } = await send((options) => client.send(command, options));
    const parts: sdk.CompletedPart[] = [];

    async function abort(): Promise<void> {
      const upload = new sdk.AbortMultipartUploadCommand({ ...where, UploadId });
      await send((options) => client.send(upload, options));
    }

    return {
      async sendPart(Body, PartNumber) {
        const part = new sdk.UploadPartCommand({ ...where, UploadId, PartNumber, Body });
        const { ETag } = await send((options) => client.send(part, options), {
          bytes: Body.length,
        });
        parts.push({ ETag, PartNumber });
      },
      async complete({ bytes, sha256 }) {
        const whole = { ...where, UploadId, MultipartUpload: { Parts: parts } };
        let made: { ETag?: string | undefined } | null = null;
        // Looked for on every server: some know the condition for whole objects only.
        if (!(await exists(where))) {
          await writeOnce(where, async (condition) => {
            const command = new sdk.CompleteMultipartUploadCommand({ ...whole, ...condition });
            made = await send((options) => client.send(command, options), { answerMs: completeMs });
          }).catch(async (error: unknown) => {
            // Its answer may be what was lost: then the upload is over, and the object there.
            if (!(await exists(where).catch(() => false))) throw error;
          });
        }
        // The object is there, whatever becomes of these parts: another writer was first, or it was
        // made of them after all.
        if (made === null) await abort().catch(() => undefined);
        else if (bytes <= longestCopyBytes) await describe(where, contentType, sha256, made);
      },
      abort,
    };
  }

  /**
   * Metadata of an upload in parts come with its beginning, its hash is known at its end: so the
   * object is copied onto itself, within the store. Without them it is as whole, and whoever looks
   * at it sees that they are missing.
   */
  async function describe(
    where: Where,
    ContentType: string,
    sha256: string,
    { ETag }: { ETag?: string | undefined },
  ) {
    const source = [where.Bucket, ...where.Key.split('/')].map(encodeURIComponent).join('/');
    const command = new sdk.CopyObjectCommand({
      ...where,
      ...encryption,
      CopySource: source,
      CopySourceIfMatch: ETag,
      MetadataDirective: 'REPLACE',
      Metadata: { sha256 },
      ContentType,
    });
    await send((options) => client.send(command, options), { answerMs: longestCopyMs }).catch(
      () => undefined,
    );
  }

  return {
    isConditional,
    to: (where, contentType) => ({
      async putWhole(bytes, sha256) {
        await writeOnce(where, (condition) => {
          const object = {
            ...where,
            ...encryption,
            ...condition,
            Body: bytes,
            ContentLength: bytes.length,
          };
          const command = new sdk.PutObjectCommand({
            ...object,
            ContentType: contentType,
            Metadata: { sha256 },
          });
          return send((options) => client.send(command, options), { bytes: bytes.length });
        });
      },
      begin: () => begin(where, contentType),
    }),
    async createBucket() {
      const { bucket, endpoint, region } = settings;
      try {
        // Not HEAD, whose refusals have no reason.
        const look = new sdk.ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 });
        await send((options) => client.send(look, options));
      } catch (error) {
        if (!isS3Error(error, 'NoSuchBucket')) throw error;
        const needsPlace = endpoint === null && region !== null && region !== 'us-east-1';
        const place = { LocationConstraint: region as sdk.BucketLocationConstraint };
        const command = new sdk.CreateBucketCommand({
          Bucket: bucket,
          ...(needsPlace && { CreateBucketConfiguration: place }),
        });
        await send((options) => client.send(command, options)).catch((reason: unknown) => {
          if (!isS3Error(reason, 'BucketAlreadyOwnedByYou')) throw reason; // another process was first
        });
      }
    },
  };
}

function encryptionOf({ encryption }: S3Settings) {
  if (encryption === null) return {};
  const key = encryption.algorithm === 'aws:kms' ? encryption.keyId : null;
  return { ServerSideEncryption: encryption.algorithm, ...(key !== null && { SSEKMSKeyId: key }) };
}

/** Runs what concerns one key one after the other. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return async function inTurn(key: string, action: () => Promise<void>): Promise<void> {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(action, action);
    last.set(key, mine);
    try {
      await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
