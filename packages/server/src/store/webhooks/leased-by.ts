/** A webhook's `leased_by` where no node has it in memory: it waits to be claimed, or for its time. (-1: erased.) */
export const WAITS = 0;
/** Waits for its next try's time, and is passed over by claims until then (migrations/0013_webhook_not_due.sql). */
export const NOT_DUE = -2;
