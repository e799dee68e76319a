/**
 * Requests to Azure Blob Storage: their time limits, and their errors as one sentence that says
 * what to change.
 */
import { RestError } from '@azure/storage-blob';
import type { AzureBlobSettings } from '../../config/storage.ts';
import { networkReason } from '../network-faults.ts';
import { StorageError } from '../object-store.ts';
import { inTime, type StoreTimeouts } from '../store-requests.ts';

/**
 * Throws a `StorageError` whose cause is the SDK's error.
 * @param bytes the size of the request's body
 */
export type AzureSend = <T>(
  request: (abortSignal: AbortSignal) => Promise<T>,
  bytes?: number,
) => Promise<T>;

export function createAzureSend(
  settings: AzureBlobSettings,
  { answerMs }: StoreTimeouts,
): AzureSend {
  return async (request, bytes = 0) => {
    try {
      return await inTime({ answerMs, bytes }, request);
    } catch (error) {
      const isFull = error instanceof RestError && error.statusCode === 507;
      const code = isFull ? 'storage_full' : 'storage_unavailable';
      throw new StorageError(code, describe(error, settings), { cause: error });
    }
  };
}

/**
 * Whether the service answered with one of these codes. Responses to HEAD carry the code in a
 * header, which the SDK reads.
 */
export function isAzureError(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOf(error instanceof StorageError ? error.cause : error));
}

function codeOf(error: unknown): string {
  if (!(error instanceof RestError)) return '';
  const { details } = error as { details?: { errorCode?: string } };
  return details?.errorCode ?? error.code ?? '';
}

function describe(error: unknown, { container, account }: AzureBlobSettings): string {
  const where = `the container "${container}"`;
  const code = codeOf(error);
  switch (code) {
    case 'ContainerNotFound':
      return (
        `there is no container "${container}" in the storage account: ` +
        'create it, or add create=1 to STORAGE_URL'
      );
    case 'ContainerBeingDeleted':
      return `${where} is being deleted`;
    case 'AuthenticationFailed':
    case 'InvalidAuthenticationInfo':
    case 'AuthorizationFailure':
    case 'AuthorizationPermissionMismatch':
    case 'AuthorizationProtocolMismatch':
    case 'AuthorizationResourceTypeMismatch':
    case 'AuthorizationServiceMismatch':
    case 'AuthorizationSourceIPMismatch':
    case 'InsufficientAccountPermissions':
    case 'KeyBasedAuthenticationNotPermitted':
      return account.kind === 'identity'
        ? `the identity of this machine is not allowed to do this with ${where} (${code}): ` +
            'give it the role Storage Blob Data Contributor'
        : `${where} rejects the key or SAS of AZURE_STORAGE_CONNECTION_STRING (${code}): it is ` +
            'wrong or expired, or does not allow to read, write, delete and list blobs';
    case 'AccountIsDisabled':
      return `the storage account of ${where} is disabled`;
  }
  const reason = networkReason(error);
  if (reason !== null) return `the storage account of ${where} cannot be reached: ${reason}`;
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  if (
    error instanceof Error &&
    /CredentialUnavailable|Authentication(Required)?Error|AggregateAuthenticationError/.test(
      error.name,
    )
  )
    return `no token from Microsoft Entra ID for ${where}: ${message.slice(0, 300)}`;
  const detail = code === '' ? message.slice(0, 300) : `${code}, ${message.slice(0, 300)}`;
  return `Azure Blob Storage fails for ${where}: ${detail}`;
}
