CREATE TABLE person (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    password text NOT NULL
);

CREATE TABLE entry (
    id uuid PRIMARY KEY,
    person uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    name text NOT NULL,
    text text NOT NULL,
    picture text,
    written timestamptz NOT NULL
);
