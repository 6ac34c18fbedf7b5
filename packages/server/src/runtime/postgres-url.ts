/** `postgres://user:password@host:port/database?…`, the host and its port once or several times with commas between. */
const FORM = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*)((?:\/[^?#]*)?(?:\?[^#]*)?)$/;
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[^:[\]\s]*)(?::([0-9]{1,5}))?$/;

/** The fault of `database.url`, without quoting it (it has a password); null if it is valid. */
export function faultOfPostgresUrl(url: string): string | null {
  const hosts = FORM.exec(url)?.[2]?.split(",");
  if (hosts === undefined || !hosts.every(isHost) || !URL.canParse(urlsOfHosts(url)[0]!.replace("@/", "@host/"))) {
    return "must be postgres://user:password@host:5432/database, with the special characters of a password percent-encoded (@ is %40, / is %2F, # is %23)";
  }
  return /[?&]target_session_attrs=(?!(?:read-write|primary|any)(?:&|$))/.test(url)
    ? "target_session_attrs must be read-write, primary or any: this program writes"
    : null;
}

/** One URL for each of its hosts, in their order. */
export function urlsOfHosts(url: string): string[] {
  const [, begin, hosts = "", rest] = FORM.exec(url) ?? [];
  return begin === undefined ? [url] : hosts.split(",").map((host) => `${begin}${host}${rest}`);
}

function isHost(text: string): boolean {
  const port = HOST.exec(text)?.[1];
  return HOST.test(text) && (port === undefined || (Number(port) > 0 && Number(port) <= 65_535));
}
