/** Names that the examples share. The numbers are of those that are reserved for fiction. */
export const HANDSET = "+447700900123";
export const BATCH = "01a209e4-176d-7660-b8de-a22610700000";
export const MESSAGE = "01a209e4-176d-7660-b8de-a22610700001";
export const INBOUND = "01a209e5-5f3a-7b1c-9a41-6b2f0d900001";
export const ACCOUNT = "01a209e0-8c11-7d52-a3f0-41c7e5d00000";
export const ORGANIZATION = "01a209df-2b90-74ce-8d13-90ab17200000";
export const SENDER = "01a209e1-0a4e-7c88-b6f9-2d7c4e100000";
export const SECRET = "01a209e2-77aa-7f03-9c5e-c8b1f3600000";
export const KEY = "01a209e3-12cd-7a90-8f4b-5e9a0d200000";
export const CREDENTIAL = "01a209e3-7b12-7d3e-a05c-19c6d4800000";
export const GIVEN = "6f1d4b0e-5d5b-4c0a-9a3e-2f6f3f0f8a11";
export const API_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
export const HOOK = "https://hooks.example.com/receipts";
export const AT = "2026-11-25T09:30:00.000Z";

/** How a list ends. */
export const END = { next: null };
