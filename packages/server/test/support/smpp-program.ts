import type { Fields } from "@messaging-plus/smpp";
import { type Esme, type EsmeOptions, Esme as Software } from "./esme.ts";
import { testOrganization } from "./organization.ts";
import type { Program, ProgramOptions } from "./program.ts";
import { newKey, startProgram } from "./program.ts";

export interface Credential {
  identifier: string;
  system_id: string;
  password: string;
}

export type SmppProgram = Awaited<ReturnType<typeof startSmppProgram>>;

/** Where customers bind to the program. */
export function smppPortOf(program: Program): number {
  return Number(/customers bind at 127\.0\.0\.1:(\d+)/.exec(program.output().stdout)?.[1]);
}

/** A program that customers may bind to, with an organization. */
export async function startSmppProgram(options: ProgramOptions = {}, balance?: number) {
  const operatorKey = newKey();
  const { smpp, ...config } = options.config ?? {};
  const program: Program = await startProgram({
    ...options,
    config: { operatorKey, ...config, smpp: { port: 0, ...(smpp as object | undefined) } },
  });
  const operator = program.api.as(operatorKey);
  const organization = await testOrganization(operator, balance);
  const port = smppPortOf(program);

  /** An account with a credential. */
  const account = async (fields: object = {}, credits = 0) => {
    const made = await organization.account(credits);
    const path = `${made.path}/smpp`;
    const answer = await organization.api.request<Credential>("POST", path, { body: fields });
    if (answer.status !== 200) throw new Error(answer.text);
    return { ...made, smppPath: path, credential: answer.body };
  };
  const connect = (with_: EsmeOptions = {}): Promise<Esme> => Software.connect(port, with_);
  /** A bind that stands. */
  const bound = async (
    credential: Credential,
    with_: EsmeOptions = {},
    command: "bind_transceiver" | "bind_transmitter" | "bind_receiver" = "bind_transceiver",
  ): Promise<Esme> => {
    const esme = await connect(with_);
    const { command_status } = await esme.bind(credential, command);
    if (command_status !== 0) throw new Error(`the bind was answered ${command_status}`);
    return esme;
  };
  return { ...program, port, operator, organization, account, connect, bound };
}

/** A message as customers' software submits it. */
export function submitOf(fields: Fields<"submit_sm"> = {}): Fields<"submit_sm"> {
  return {
    source_addr: "MyShop",
    source_addr_ton: 5,
    destination_addr: "447700900123",
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    short_message: Buffer.from("Hello"),
    ...fields,
  };
}
