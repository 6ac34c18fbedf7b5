import type { KeyScope } from "@messaging-plus/sdk";
import type { ComponentChildren } from "preact";
import { useMay } from "../api/me.ts";

interface MayProps {
  needs?: KeyScope;
  children: ComponentChildren;
}

/** What a key changes something with, where its scope lets it. */
export function May({ needs = "admin", children }: MayProps): ComponentChildren {
  return useMay(needs) ? children : null;
}
