/**
 * Signed URLs of blobs, made with the account's key, or with a temporary key that the account
 * issues to the identity of this machine.
 */
import {
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
  type BlobServiceClient,
  type BlockBlobClient,
  type UserDelegationKey,
} from '@azure/storage-blob';
import type { AzureBlobSettings } from '../../config/storage.ts';
import type { AzureSend } from './azure-blob-requests.ts';
import type { LinkOptions } from '../object-store.ts';

type SignBlob = (blob: BlockBlobClient, link: LinkOptions) => Promise<string>;

const keyHours = 6;
/** A temporary key is replaced so long before it expires, which is longer than any URL is valid. */
const keyMarginMs = 3_600_000;

/** Returns null when a SAS was configured, because a SAS cannot be used to create another. */
export function createAzureLinks(options: {
  settings: AzureBlobSettings;
  service: BlobServiceClient;
  send: AzureSend;
}): SignBlob | null {
  const { settings, service, send } = options;
  let delegated: Promise<{ key: UserDelegationKey; untilMs: number }> | null = null;

  async function fetchKey() {
    const now = Date.now();
    const untilMs = now + keyHours * 3_600_000;
    // The key is valid from a little before now, because clocks differ.
    const key = await send((abortSignal) =>
      service.getUserDelegationKey(new Date(now - 300_000), new Date(untilMs), { abortSignal }),
    );
    return { key, untilMs };
  }

  async function delegationKey(): Promise<UserDelegationKey> {
    const held = await (delegated ??= fetchKey().catch((error: unknown) => {
      delegated = null;
      throw error;
    }));
    if (held.untilMs - Date.now() > keyMarginMs) return held.key;
    delegated = null;
    return delegationKey();
  }

  const toSas = ({ expiresInSeconds, contentType, contentDisposition }: LinkOptions) => ({
    permissions: BlobSASPermissions.from({ read: true }),
    expiresOn: new Date(Date.now() + expiresInSeconds * 1_000),
    contentType,
    contentDisposition,
  });

  if (service.credential instanceof StorageSharedKeyCredential) {
    return (blob, link) => blob.generateSasUrl(toSas(link));
  }
  if (settings.account.kind !== 'identity') return null;
  return async (blob, link) => {
    const name = { containerName: settings.container, blobName: blob.name };
    const query = generateBlobSASQueryParameters(
      { ...name, ...toSas(link) },
      await delegationKey(),
      service.accountName,
    );
    return `${blob.url}?${query.toString()}`;
  };
}
