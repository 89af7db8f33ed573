-- The list is in this order, on every database.
CREATE INDEX entry_by_time ON entry (written, id);
