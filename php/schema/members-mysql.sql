-- The roles of a site's members and their data, for MariaDB and MySQL. What the columns mean: docs/members.md.
CREATE TABLE IF NOT EXISTS `roles` (
    id         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name       VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL,
    is_locked  SMALLINT     NOT NULL DEFAULT 0,
    privileges TEXT         CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings   TEXT         CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    version    BIGINT       NOT NULL DEFAULT 1
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS `members` (
    user_id     BIGINT       NOT NULL PRIMARY KEY,
    role_id     BIGINT       NOT NULL DEFAULT 5,
    screen_name VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL DEFAULT '',
    email       VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL DEFAULT '',
    language    VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL DEFAULT '',
    timezone    VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL DEFAULT '',
    time_format VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL DEFAULT '',
    data        MEDIUMTEXT   CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    FOREIGN KEY (user_id) REFERENCES `users` (id) ON DELETE CASCADE,
    FOREIGN KEY (role_id) REFERENCES `roles` (id)
) ENGINE = InnoDB;
INSERT IGNORE INTO `roles` (id, name, is_locked, privileges, settings) VALUES
    (1, 'Super Admin', 1, '[]', '{"exclude_from_moderation":"y","search_flood_control":0}'),
    (2, 'Banned', 0, '[]', '{"search_flood_control":60}'),
    (3, 'Guests', 0, '["can_view_online_system"]', '{"search_flood_control":10,"include_in_memberlist":"y"}'),
    (4, 'Pending', 0, '["can_view_online_system"]', '{"search_flood_control":10,"include_in_memberlist":"y"}'),
    (5, 'Members', 0, '["can_view_online_system","can_email_from_profile","can_view_profiles","can_edit_html_buttons","can_delete_self","can_send_private_messages","can_attach_in_private_messages"]', '{"search_flood_control":10,"include_in_memberlist":"y"}');
