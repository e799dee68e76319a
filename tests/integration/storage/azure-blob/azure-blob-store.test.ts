/** The driver for Azure Blob Storage, on Azurite, with the account's key and with a SAS. */
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { AzureBlobSettings } from '@kiln/shared/config/storage';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { expect, inject, test } from 'vitest';
import { azuriteAccount } from '../../../support/stores/azurite-server.ts';
import { bucketInAzurite, toSettings } from '../../../support/stores/object-stores.ts';
import { describeObjectStore } from '../object-store-contract.ts';

const { azuriteUrl } = inject('engines').stores;
const settings = () => toSettings(bucketInAzurite(azuriteUrl).environment()) as AzureBlobSettings;

describeObjectStore('Azure Blob', () => openObjectStore(settings()));

const openWithSas = () => {
  const sas = generateAccountSASQueryParameters(
    {
      expiresOn: new Date(Date.now() + 3_600_000),
      permissions: AccountSASPermissions.parse('rwdlc'),
      resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
      services: AccountSASServices.parse('b').toString(),
    },
    new StorageSharedKeyCredential(azuriteAccount.name, azuriteAccount.key),
  ).toString();
  const connectionString = `BlobEndpoint=${azuriteUrl}/${azuriteAccount.name};SharedAccessSignature=${sas}`;
  return openObjectStore({
    ...settings(),
    account: { kind: 'connection-string', connectionString },
  });
};

describeObjectStore('Azure Blob, by a SAS', openWithSas);

test('URLs can be signed with a key, but not with a SAS', async () => {
  expect((await openWithSas()).signedUrl).toBeUndefined();
  expect((await openObjectStore(settings())).signedUrl).toBeDefined();
});

test('an object has its hash as metadata, also when it was uploaded in parts', async () => {
  const store = await openObjectStore(settings());
  await store.check();
  const megabyte = Buffer.alloc(1024 * 1024, 1);
  const parts = (async function* () {
    for (let index = 0; index < 14; index += 1) yield await Promise.resolve(megabyte);
  })();
  for (const [key, bytes] of [
    ['whole', megabyte],
    ['parts', parts],
  ] as const) {
    const { sha256 } = await store.put(key, bytes, { contentType: 'image/webp' });
    expect(await store.head(key)).toMatchObject({ sha256, contentType: 'image/webp' });
  }
});
