-- The list is in this order, on every database.
CREATE INDEX note_by_time ON note (changed, id);
