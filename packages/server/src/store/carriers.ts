import type { Database } from "./database.ts";

export interface CarrierRow {
  number: number;
  id: string;
  /** The spelling of message ids that proved right before; null while nothing is learnt. */
  idForm: string | null;
}

/** The numbers that rows carry for these carriers; new ones are entered. */
export async function enterCarriers(db: Database, ids: readonly string[]): Promise<CarrierRow[]> {
  await db.query({
    text: "INSERT INTO carrier (id) SELECT id FROM unnest($1::text[]) AS t (id) WHERE id NOT IN (SELECT id FROM carrier) ON CONFLICT DO NOTHING",
    values: [ids],
  });
  const { rows } = await db.query<{ number: number; id: string; id_form: string | null }>({
    text: "SELECT number, id, id_form FROM carrier WHERE id = ANY ($1::text[])",
    values: [ids],
  });
  return rows.map(({ number, id, id_form: idForm }) => ({ number, id, idForm }));
}

export async function learnIdForm(db: Database, carrier: number, idForm: string): Promise<void> {
  await db.query({ text: "UPDATE carrier SET id_form = $2 WHERE number = $1", values: [carrier, idForm] });
}
