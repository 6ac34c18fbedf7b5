/** Opens `/organization` of a program for developers, which listens at loopback: no secret. */
const OPERATOR_KEY = "0123456789abcdef0123456789abcdef";

/** The environment of `npm run dev` and `npm run seed`; what the caller's own has wins. */
export function devEnvironment() {
  return { MPLUS_CONFIG: "scripts/dev.json", MPLUS_OPERATOR_KEY: OPERATOR_KEY, ...process.env };
}
