import { v7 } from 'uuid';
import { z } from 'zod';

/** A new sortable id (UUIDv7, RFC 9562). */
export const newId = (): string => v7();

export const id = z.uuid().meta({ description: 'UUIDv7: sortable by the time it was made' });
export const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
export const name = z.string().trim().min(1).max(200);
