/** The driver of Azure Blob Storage, on Azurite. */
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { createTestStore, toSettings } from '../../support/object-stores.ts';
import { describeObjectStore } from './object-store-contract.ts';

describeObjectStore('Azure Blob', () => openObjectStore(toSettings(createTestStore('azurite'))));
