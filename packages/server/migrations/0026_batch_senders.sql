-- Whether a sender has batches among the days that are searched by their indexes (src/store/messages/search-days.ts): a
-- batch's messages have no sender of their own.
CREATE INDEX batch_sender ON batch (sender, id);
