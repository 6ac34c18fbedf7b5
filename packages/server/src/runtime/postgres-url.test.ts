import { expect, test } from "vitest";
import { faultOfPostgresUrl, urlsOfHosts } from "./postgres-url.ts";

test.each([
  "postgres://localhost/messages",
  "postgresql://mplus:secret@db.example.com:5432/messages?sslmode=verify-full",
  "postgres://mplus@db.example.com",
  "postgres://mplus:p%40ss%2Fw@[2001:db8::1]:5432/messages",
  "postgres://mplus@/messages?host=/var/run/postgresql",
  "postgres:///messages?host=/var/run/postgresql",
  "postgres://mplus@%2Fvar%2Frun%2Fpostgresql/messages",
  "postgres://mplus:secret@a:5432,b:5433,c/messages?target_session_attrs=read-write",
])("takes %s", (url) => {
  expect(faultOfPostgresUrl(url)).toBeNull();
});

test.each([
  "",
  "hello",
  "localhost:5432/messages",
  "http://localhost:5432/messages",
  "mysql://localhost/messages",
  "postgres:messages",
  "postgres://mplus:se/cret@localhost/messages",
  "postgres://mplus:se#cret@localhost/messages",
  "postgres://mplus:se?cret@localhost/messages",
  "postgres://localhost:port/messages",
  "postgres://localhost:0/messages",
  "postgres://a:5432,b:70000/messages",
  "postgres://a b/messages",
  " postgres://localhost/messages",
])("refuses %j without repeating it", (url) => {
  expect(faultOfPostgresUrl(url)).toMatch(/^must be postgres:\/\/user:password@host:5432\/database, /);
});

test("refuses hosts that take no writes", () => {
  const url = (value: string) => `postgres://a,b/messages?target_session_attrs=${value}`;
  expect(["read-write", "primary", "any"].map((value) => faultOfPostgresUrl(url(value)))).toEqual([null, null, null]);
  for (const value of ["read-only", "standby", "prefer-standby", "primary2"]) {
    expect(faultOfPostgresUrl(url(value))).toBe(
      "target_session_attrs must be read-write, primary or any: this program writes",
    );
  }
});

test("names each host alone", () => {
  expect(urlsOfHosts("postgres://u:p@a:5432,[::1],c/db?x=1")).toEqual([
    "postgres://u:p@a:5432/db?x=1",
    "postgres://u:p@[::1]/db?x=1",
    "postgres://u:p@c/db?x=1",
  ]);
  expect(urlsOfHosts("postgres://u@a/db")).toEqual(["postgres://u@a/db"]);
  expect(urlsOfHosts("postgres:///db")).toEqual(["postgres:///db"]);
});
