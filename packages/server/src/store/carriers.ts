import type { Database } from "./database.ts";

export interface CarrierRow {
  number: number;
  id: string;
  /** The spelling of message ids that proved right before; null while nothing is learnt. */
  idForm: string | null;
  /** The operator has it take nothing. */
  paused: boolean;
}

/** The numbers that rows carry for these carriers; new ones are entered. */
export async function enterCarriers(db: Database, ids: readonly string[]): Promise<CarrierRow[]> {
  await db.query({
    text: "INSERT INTO carrier (id) SELECT id FROM unnest($1::text[]) AS t (id) WHERE id NOT IN (SELECT id FROM carrier) ON CONFLICT DO NOTHING",
    values: [ids],
  });
  const { rows } = await db.query<{ number: number; id: string; id_form: string | null; paused: boolean }>({
    text: "SELECT number, id, id_form, paused FROM carrier WHERE id = ANY ($1::text[])",
    values: [ids],
  });
  return rows.map(({ id_form: idForm, ...row }) => ({ ...row, idForm }));
}

export async function learnIdForm(db: Database, carrier: number, idForm: string): Promise<void> {
  await db.query({ text: "UPDATE carrier SET id_form = $2 WHERE number = $1", values: [carrier, idForm] });
}

/** The ids of carriers that take nothing. */
export async function pausedCarriers(db: Database): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>({
    name: "paused-carriers",
    text: "SELECT id FROM carrier WHERE paused",
  });
  return new Set(rows.map(({ id }) => id));
}

/** Has a carrier take nothing, in every program and after every start, until it is to go on. */
export async function pauseCarrier(db: Database, id: string, paused: boolean): Promise<void> {
  await db.query({ text: "UPDATE carrier SET paused = $2 WHERE id = $1", values: [id, paused] });
}
