-- Of a node, the endpoints of customers who are bound to its program over SMPP and receive: account and number, side by
-- side. Other nodes leave the webhooks of these to it.
ALTER TABLE node
  ADD COLUMN receiver_accounts integer[] NOT NULL DEFAULT '{}',
  ADD COLUMN receiver_endpoints integer[] NOT NULL DEFAULT '{}';
