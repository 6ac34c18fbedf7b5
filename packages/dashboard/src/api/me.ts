import type { KeyScope, Me } from "@messaging-plus/sdk";
import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** Each opens what those before it do. */
const SCOPES: readonly KeyScope[] = ["read", "send", "admin"];

/** Whether a key's scope opens what needs another. */
export const opens = (scope: KeyScope, needed: KeyScope): boolean => SCOPES.indexOf(scope) >= SCOPES.indexOf(needed);

/** Whose key it is. */
export const MeContext = createContext<Me>({ kind: "account", scope: "read" });

export const useMe = (): Me => useContext(MeContext);

/** Whether the key may do what needs this scope: what it may not do, the page does not offer. */
export const useMay = (needed: KeyScope): boolean => opens(useMe().scope, needed);
