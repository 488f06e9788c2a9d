-- The users of a site, for SQLite 3. What the columns mean: docs/users.md.
-- AUTOINCREMENT: the id of a deleted user is never given again, as sessions may still name it.
CREATE TABLE IF NOT EXISTS "users" (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);
