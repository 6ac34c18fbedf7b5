"""The client against the running program. test/client.test.ts starts that, and names it in MPLUS_TEST, a file of JSON."""
