/**
 * Uploads to S3 that write a key once, whether the server supports conditional writes or not;
 * writing a probe twice shows which. Without them, this process looks first and writes each key
 * from one writer at a time; between two processes the last writer wins. An upload in parts that
 * fails is aborted. Why not `@aws-sdk/lib-storage`: docs/adr/0016-libraries.md.
 */
import * as sdk from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3Settings } from '../../config/storage.ts';
import type { PartialUpload, Upload } from '../put-in-parts.ts';
import { isS3Error, type S3Requests } from './s3-requests.ts';
import type { StoreTimeouts } from '../store-requests.ts';

type Where = { Bucket: string; Key: string };

export interface S3Uploads {
  to(where: Where, contentType: string): Upload;
  isConditional(): Promise<boolean>;
  createBucket(): Promise<void>;
}

/** Another write of the key is running and may still fail, so the conflict is retried. */
const conflictTries = 5;
const conflictPauseMs = 50;
/** Size limit of a single copy in S3, and time limit for it. */
const maxCopyBytes = 5 * 1024 ** 3;
const copyTimeoutMs = 60_000;

export function createS3Uploads(
  settings: S3Settings,
  { client, send }: S3Requests,
  { completeMs }: StoreTimeouts,
  exists: (where: Where) => Promise<boolean>,
): S3Uploads {
  const encryption = encryptionOf(settings);
  const withKeyLock = createKeyLocks();
  let probe: Promise<boolean> | null = null;

  async function probeConditionalWrites(): Promise<boolean> {
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
    probe ??= probeConditionalWrites().catch((error: unknown) => {
      probe = null; // ask again next time: the store was down
      throw error;
    });
    return probe;
  }

  /** Writes unless the key exists. An existing object stays, which is no error. */
  async function writeOnce(
    where: Where,
    write: (condition: { IfNoneMatch?: '*' }) => Promise<unknown>,
  ): Promise<void> {
    if (!(await isConditional())) {
      return withKeyLock(where.Key, async () => {
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
        // Look first on every server: some support the condition for whole objects only.
        if (!(await exists(where))) {
          await writeOnce(where, async (condition) => {
            const command = new sdk.CompleteMultipartUploadCommand({ ...whole, ...condition });
            made = await send((options) => client.send(command, options), { answerMs: completeMs });
          }).catch(async (error: unknown) => {
            // Possibly only the response was lost: then the upload is over and the object exists.
            if (!(await exists(where).catch(() => false))) throw error;
          });
        }
        // The object exists in any case: another writer was first, or these parts were completed
        // after all.
        if (made === null) await abort().catch(() => undefined);
        else if (bytes <= maxCopyBytes) await addMetadata(where, contentType, sha256, made);
      },
      abort,
    };
  }

  /**
   * Adds hash and type to an object that was uploaded in parts: S3 takes metadata at the start of
   * an upload, but the hash is known at its end, so the object is copied onto itself within the
   * store. When that fails, the object is complete without them, and `head` shows that they are
   * missing.
   */
  async function addMetadata(
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
    await send((options) => client.send(command, options), { answerMs: copyTimeoutMs }).catch(
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
        // Do not use HEAD here: its errors give no reason.
        const look = new sdk.ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 });
        await send((options) => client.send(look, options));
      } catch (error) {
        if (!isS3Error(error, 'NoSuchBucket')) throw error;
        const needsLocation = endpoint === null && region !== null && region !== 'us-east-1';
        const location = { LocationConstraint: region as sdk.BucketLocationConstraint };
        const command = new sdk.CreateBucketCommand({
          Bucket: bucket,
          ...(needsLocation && { CreateBucketConfiguration: location }),
        });
        await send((options) => client.send(command, options)).catch((reason: unknown) => {
          // Already owned: another process created it.
          if (!isS3Error(reason, 'BucketAlreadyOwnedByYou')) throw reason;
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

/** Runs the actions of each key one after the other. */
function createKeyLocks() {
  const last = new Map<string, Promise<unknown>>();
  return async function withKeyLock(key: string, action: () => Promise<void>): Promise<void> {
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
