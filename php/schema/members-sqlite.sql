-- The roles of a site's members and their data, for SQLite 3. What the columns mean: docs/members.md.
-- No references: SQLite heeds them only where a connection asks for it, and can't make them across its databases.
CREATE TABLE IF NOT EXISTS "roles" (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    is_locked  INTEGER NOT NULL DEFAULT 0,
    privileges TEXT    NOT NULL DEFAULT '[]',
    settings   TEXT    NOT NULL DEFAULT '{}',
    version    INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS "members" (
    user_id     INTEGER PRIMARY KEY,
    role_id     INTEGER NOT NULL DEFAULT 5,
    screen_name TEXT    NOT NULL DEFAULT '',
    email       TEXT    NOT NULL DEFAULT '',
    language    TEXT    NOT NULL DEFAULT '',
    timezone    TEXT    NOT NULL DEFAULT '',
    time_format TEXT    NOT NULL DEFAULT '',
    data        TEXT    NOT NULL DEFAULT '{}',
    UNIQUE (role_id, user_id)
);
INSERT OR IGNORE INTO "roles" (id, name, is_locked, privileges, settings) VALUES
    (1, 'Super Admin', 1, '[]', '{"exclude_from_moderation":"y","search_flood_control":0}'),
    (2, 'Banned', 0, '[]', '{"search_flood_control":60}'),
    (3, 'Guests', 0, '["can_view_online_system"]', '{"search_flood_control":10,"include_in_memberlist":"y"}'),
    (4, 'Pending', 0, '["can_view_online_system"]', '{"search_flood_control":10,"include_in_memberlist":"y"}'),
    (5, 'Members', 0, '["can_view_online_system","can_email_from_profile","can_view_profiles","can_edit_html_buttons","can_delete_self","can_send_private_messages","can_attach_in_private_messages"]', '{"search_flood_control":10,"include_in_memberlist":"y"}');
