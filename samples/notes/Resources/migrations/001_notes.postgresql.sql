CREATE TABLE note (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    body text NOT NULL,
    changed timestamptz NOT NULL
);
