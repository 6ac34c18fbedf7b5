import type { View } from "../parts/shell.tsx";
import { Binds } from "./binds.tsx";

/** For organizations and the operator. */
export const smppView: View = { name: "smpp", title: "SMPP", render: () => <Binds /> };
