/** Data inside of a page: JSON, compressed (gzip), in base64. The page's script unpacks it in the same way. */
import { gunzipSync, gzipSync } from 'node:zlib';

export function packJson(data: unknown): string {
  return gzipSync(JSON.stringify(data), { level: 9 }).toString('base64');
}

/** The JSON as text. Throws an `Error` when it is no gzip. */
export function unpackJson(packed: string): string {
  return gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
}
