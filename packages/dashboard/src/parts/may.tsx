import type { KeyScope } from "@messaging-plus/sdk";
import type { ComponentChildren } from "preact";
import { useMay } from "../api/me.ts";

interface MayProps {
  needs?: KeyScope;
  children: ComponentChildren;
}

/** Shows its children, controls that change something, to a key whose scope allows it. */
export function May({ needs = "admin", children }: MayProps): ComponentChildren {
  return useMay(needs) ? children : null;
}
