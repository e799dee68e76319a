/** The driver of Azure Blob Storage, on Azurite. */
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { inject } from 'vitest';
import { placeInAzurite, toSettings } from '../../support/object-stores.ts';
import { describeObjectStore } from './object-store-contract.ts';

const { azuriteUrl } = inject('engines').stores;
const open = () => openObjectStore(toSettings(placeInAzurite(azuriteUrl).environment()));

describeObjectStore('Azure Blob', open);
