/**
 * The number by which rows name an endpoint (account and origin of the callback URL): FNV-1a of 32 bits, as PostgreSQL's
 * signed integer. Two endpoints that meet in one number only share a turn when webhooks are claimed.
 */
export function endpointNumber(accountId: number, origin: string): number {
  let hash = 0x811c9dc5;
  const name = `${accountId} ${origin}`;
  for (let index = 0; index < name.length; index++) {
    hash ^= name.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash | 0;
}
